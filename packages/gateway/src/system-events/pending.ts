import type { SettingRepository, State, SystemEventRepository } from "@carapace/state";
import { z } from "zod";
import { batchOf, type EventBatch } from "./batch.ts";

/** The events that wait for a heartbeat, as the turn that tells them takes them along. */
export interface PendingEvents {
  /** What the next turn tells; the same again until it was told. Contract: one caller at a time. */
  next(prefix: string): Promise<EventBatch | undefined>;
  /** The turn of the batch was taken in: its events are forgotten. */
  told(batch: EventBatch): Promise<void>;
}

export interface PendingDeps {
  readonly events: SystemEventRepository;
  readonly settings: SettingRepository;
  readonly runs: Pick<State["runs"], "find">;
}

const settingName = "systemEvents.batch";
/** More than any gateway should have waiting; the rest comes when these were told. */
const maxListed = 1000;
const Begun = z.object({ runId: z.string(), ids: z.array(z.string()) });

/**
 * A batch is written down before its turn is submitted. After a kill it is either submitted again under the same id,
 * or known to have been taken in: events that came later never mix with it, so none is told twice.
 */
export function createPendingEvents({ events, settings, runs }: PendingDeps): PendingEvents {
  const forget = async (ids: readonly string[]) => {
    await events.remove(ids);
    await settings.set(settingName, null);
  };

  async function begun(): Promise<EventBatch | undefined> {
    const read = Begun.safeParse(await settings.get(settingName));
    if (!read.success) return undefined;
    const { runId, ids } = read.data;
    if ((await runs.find(runId)) !== undefined) {
      await forget(ids);
      return undefined;
    }
    const wanted = new Set(ids);
    const left = (await events.list(maxListed)).filter(({ id }) => wanted.has(id));
    return left.length === 0 ? undefined : { runId, events: left };
  }

  return {
    async next(prefix) {
      const earlier = await begun();
      if (earlier !== undefined) return earlier;
      const batch = batchOf(await events.list(maxListed), prefix);
      if (batch === undefined) return undefined;
      await settings.set(settingName, { runId: batch.runId, ids: batch.events.map(({ id }) => id) });
      return batch;
    },
    told: (batch) => forget(batch.events.map(({ id }) => id)),
  };
}
