import { createCron } from "../cron/cron.ts";
import { openHooks } from "../hooks/hooks.ts";
import type { Services } from "../methods/services.ts";
import { openSystemEvents } from "../system-events/system-events.ts";
import { openTasks, type Tasks } from "../tasks/tasks.ts";
import type { CoreOptions } from "./core.ts";
import type { Opened } from "./opening.ts";

type AutomationParts = Pick<CoreOptions, "world" | "config" | "hub" | "log" | "metrics"> &
  Pick<Services, "state" | "models" | "ingress" | "runs" | "usage" | "heartbeat" | "channels" | "outbox"> &
  Pick<Opened, "arrivals">;

/** What starts turns by itself, or when another program asks. */
interface Automation extends Pick<Services, "systemEvents" | "cron" | "hooks"> {
  /** Takes up jobs and tasks of an earlier process; to be called once, when its runs were taken up. */
  begin(): Promise<Tasks>;
}

/** Closed by `opened`. */
export async function openAutomation(
  parts: AutomationParts,
  opened: AsyncDisposableStack,
): Promise<Automation> {
  const { world, config, log, metrics, channels, outbox, usage } = parts;
  const systemEvents = opened.use(await openSystemEvents(parts));
  const cron = opened.use(
    createCron({
      ...{ ...parts, nowMs: world.nowMs, newId: world.newId, systemEvents },
      outbox: () => outbox,
      uncounted: usage.uncounted,
      counted: (status) => metrics.count("cron_executions_total", { status }),
      log: log.target("cron"),
    }),
  );
  const hooks = openHooks({
    ...{ ...parts, systemEvents },
    channels: () => channels.ids(),
    counted: (outcome) => metrics.count("hook_calls_total", { outcome }),
  });
  return {
    ...{ systemEvents, cron, hooks },
    async begin() {
      cron.begin();
      const tasks = await openTasks({
        ...{ ...parts, systemEvents },
        onConfigChange: (listener) => void config.onChange(() => listener()),
        uncounted: usage.uncounted,
        maxConcurrent: () => config.current().config.agents.defaults.maxConcurrent,
        log: log.target("tasks"),
      });
      return opened.use(tasks);
    },
  };
}
