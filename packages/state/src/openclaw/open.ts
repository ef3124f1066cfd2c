import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { StateError } from "../errors.ts";
import { agentDatabase, type OpenClawAgentDatabase } from "./agent-database.ts";
import { copyDatabase } from "./copy.ts";
import { ForeignDatabase } from "./foreign.ts";
import { jobRows, type OpenClawJobRow } from "./state-database.ts";

/** A database of OpenClaw as it was when it was opened; the original is not touched. */
export interface OpenClawDatabase extends Disposable {
  /** Conversations, if it is an agent's. @throws StateError `corrupt` while they are read */
  readonly agent: OpenClawAgentDatabase | undefined;
  /** Scheduled jobs, if it is the one of the whole program. @throws StateError `corrupt` */
  jobs(): readonly OpenClawJobRow[] | undefined;
}

/**
 * Opens a copy of one of OpenClaw's databases.
 * @returns undefined if there is none; `unavailable` or `conflict` with a predicate ("is …") for one that cannot be read
 */
export async function openOpenClawDatabase(
  path: string,
  signal: AbortSignal,
): Promise<Result<OpenClawDatabase | undefined>> {
  const copied = await copyDatabase(path, signal);
  if (!copied.ok) return copied;
  if (copied.value === undefined) return ok(undefined);
  const copy = copied.value;
  let db: ForeignDatabase | undefined;
  try {
    db = new ForeignDatabase(copy.file);
    const opened = db;
    // Its name goes at once, where a system allows that: no copy of what was said stays behind, not even after a kill.
    copy[Symbol.dispose]();
    const close = () => {
      opened[Symbol.dispose]();
      copy[Symbol.dispose]();
    };
    return ok({ agent: agentDatabase(opened), jobs: () => jobRows(opened), [Symbol.dispose]: close });
  } catch (error) {
    db?.[Symbol.dispose]();
    copy[Symbol.dispose]();
    if (!(error instanceof StateError)) throw error;
    return refuse("conflict", "is no database, or a damaged one");
  }
}
