import type { Tool } from "@carapace/agent";
import type { Outbox } from "@carapace/channels";
import { once } from "@carapace/protocol";
import type { State } from "@carapace/state";
import type { RouteSource } from "../http/route.ts";
import type { Ingress } from "../ingress/types.ts";
import type { Log } from "../log/log.ts";
import type { Runs } from "../runs/types.ts";
import type { SystemEvents } from "../system-events/types.ts";
import type { World } from "../types.ts";
import type { Uncounted } from "../usage/tracking.ts";
import type { TaskDesk } from "./desk.ts";
import type { OpenedTasks } from "./opened.ts";

export interface TasksDeps {
  readonly state: State;
  readonly runs: Runs;
  readonly ingress: Ingress;
  readonly systemEvents: SystemEvents;
  readonly outbox: Pick<Outbox, "follow">;
  readonly uncounted: Uncounted;
  /** Calls the listener whenever the configuration has changed. */
  readonly onConfigChange: (listener: () => void) => void;
  readonly world: Pick<World, "nowMs" | "newId">;
  /** `agents.defaults.maxConcurrent`. */
  readonly maxConcurrent: () => number;
  readonly log: Log;
}

/** The durable tasks of this gateway (agent.md §12). */
export interface Tasks extends AsyncDisposable {
  /** Of the control API, where that is on. */
  readonly routes: RouteSource;
  desk(): Promise<TaskDesk>;
}

/**
 * Takes up the tasks of an earlier process, and serves new ones. Where there is no open task nothing of it is loaded
 * until the first one is made. Call it after the runs were recovered, and before old ones are forgotten.
 */
export async function openTasks(deps: TasksDeps): Promise<Tasks> {
  let opening: Promise<OpenedTasks> | undefined;
  const open = (): Promise<OpenedTasks> => {
    opening ??= import("./opened.ts").then(({ openAll }) => openAll(deps));
    return opening;
  };
  if ((await deps.state.tasks.openCount("tasks")) > 0 || (await hasStrayRuns(deps.state))) await open();
  const desk = async () => (await open()).desk;
  const routes = once(async () => {
    const { taskRoutes } = await import("./routes.ts");
    return taskRoutes({ desk, answers: deps.state.answers, nowMs: deps.world.nowMs });
  });
  return {
    routes: async ({ gateway }) =>
      gateway.control.enabled || gateway.controlUi.enabled ? await routes() : [],
    desk,
    async [Symbol.asyncDispose]() {
      await (await opening)?.[Symbol.asyncDispose]();
    },
  };
}

/** The tools that a run has because it is a task's; none for any other run. */
export async function toolsOfTask(
  { id }: { readonly id: string },
  tasks: State["tasks"],
): Promise<readonly Tool[]> {
  if (!id.startsWith("task:")) return [];
  const { taskRunTools } = await import("./run-tools.ts");
  return await taskRunTools(id, tasks);
}

/** Unfinished runs of tasks that an earlier process was cancelling when it died. */
async function hasStrayRuns({ runs }: State): Promise<boolean> {
  for (const status of ["running", "queued"] as const)
    for await (const { id } of runs.unfinishedOf(status)) if (id.startsWith("task:")) return true;
  return false;
}
