import { type State, StateError } from "@carapace/state";
import type { Health } from "./health.ts";

const journalWrites = ["accept", "begin", "step", "results", "toolStarted", "absorb", "finish"] as const;
const sessionWrites = ["create", "upsert", "append", "reset", "delete", "fork", "compact"] as const;
const outboxWrites = ["add", "save", "change"] as const;

/** The same state, which tells the health when its disk takes no more, and when it does again. */
export function watchWrites(state: State, health: Pick<Health, "writeRefused" | "writeDone">): State {
  // The handle may be a class instance: its own methods stay its own.
  return Object.create(state, {
    runs: { value: watched(state.runs, journalWrites, health) },
    sessions: { value: watched(state.sessions, sessionWrites, health) },
    outbox: { value: watched(state.outbox, outboxWrites, health) },
  }) as State;
}

type Write = (...args: unknown[]) => Promise<unknown>;

function watched<T extends object>(
  repository: T,
  names: readonly (keyof T & string)[],
  health: Pick<Health, "writeRefused" | "writeDone">,
): T {
  const writes = names.map((name) => {
    // What goes in and comes out is passed on as it is; only the table's type cannot say so.
    const write = repository[name] as Write;
    return [name, (...args: unknown[]) => watchedWrite(() => write.apply(repository, args), health)];
  });
  return { ...repository, ...Object.fromEntries(writes) };
}

async function watchedWrite(
  write: () => Promise<unknown>,
  health: Pick<Health, "writeRefused" | "writeDone">,
): Promise<unknown> {
  try {
    const result = await write();
    health.writeDone();
    // A turn is a chain of commits, each of which holds everything up for as long as the disk takes: between two of them
    // whatever else waits has its turn.
    await new Promise(setImmediate);
    return result;
  } catch (error) {
    const isDisk = error instanceof StateError && (error.code === "disk_full" || error.code === "io");
    if (isDisk) health.writeRefused(error.message);
    throw error;
  }
}
