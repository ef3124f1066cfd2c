import { retainAudit } from "../audit/retention.ts";
import { retainOutbox } from "../outbox/retention.ts";
import { startRetention } from "../sessions/retention.ts";
import type { Core, CoreOptions } from "./core.ts";
import { startMediaSweep } from "./media-sweep.ts";
import { startUpkeep } from "./upkeep.ts";

type CareParts = Pick<CoreOptions, "world" | "config" | "log" | "verifyAfterMs"> &
  Pick<Core, "state" | "runs">;

/** What looks after stored data while the gateway runs: checks it, and lets go of what is old. Closed by `opened`. */
export function startCare(
  { world, config, log, state, runs, verifyAfterMs }: CareParts,
  opened: AsyncDisposableStack,
): void {
  const { nowMs } = world;
  opened.use(
    startUpkeep({
      ...{ state, nowMs, verifyAfterMs, log: log.target("state") },
      isBusy: () => runs.size() > 0,
      retain: async () => {
        const settings = () => config.current().config.audit;
        await retainAudit({ audit: state.audit, settings, nowMs, log: log.target("audit") });
        await retainOutbox({ outbox: state.outbox, nowMs, log: log.target("outbox") });
      },
    }),
  );
  opened.use(startMediaSweep({ media: state.media, nowMs, log: log.target("media") }));
  opened.use(
    startRetention({
      ...{ sessions: state.sessions, audit: state.audit, runs, config, nowMs },
      log: log.target("sessions"),
    }),
  );
}
