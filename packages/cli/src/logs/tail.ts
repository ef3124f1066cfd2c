import type { GatewayConnection } from "@carapace/client";
import { type LogEntry, type MethodInput, type MethodResult, ok, type Result } from "@carapace/protocol";
import type { Output } from "../output/output.ts";

export type LogFilter = MethodInput<"logs.tail"> & { readonly limit: number };

type LogTail = MethodResult<"logs.tail">;

/** The record that was received last: it tells the log of one gateway process from that of the next. */
type LastSeen = Pick<LogEntry, "seq" | "timestamp">;

/** How far a log has been read. */
export interface Seen {
  readonly cursor: number;
  readonly last: LastSeen | undefined;
}

/** Where records come from, and where they go. */
export interface Tailing {
  readonly connection: GatewayConnection;
  readonly print: (entry: LogEntry) => void;
  readonly out: Output;
}

const requestTimeoutMs = 30_000;

/**
 * Prints one answer.
 * @param seen where an earlier answer ended; without it the newest records there are
 */
export async function printTail(tailing: Tailing, filter: LogFilter, seen?: Seen): Promise<Result<Seen>> {
  const answer = await readTail(tailing, seen === undefined ? filter : { ...filter, cursor: seen.cursor });
  if (!answer.ok) return answer;
  const { entries, reset } = answer.value;
  if (reset && seen !== undefined) tailing.out.note("The gateway's log began anew, or records were missed.");
  tell(answer.value, tailing, filter);
  return ok({ cursor: answer.value.cursor, last: entries.at(-1) ?? seen?.last });
}

/**
 * Prints what is new after a connection was lost: what follows the last record received, or the whole log of a gateway
 * that was started anew, whose numbers begin again.
 */
export async function printSince(tailing: Tailing, filter: LogFilter, seen: Seen): Promise<Result<Seen>> {
  const answer = await readTail(tailing, filter);
  if (!answer.ok) return answer;
  const { entries, cursor } = answer.value;
  const { last } = seen;
  const at = entries.findIndex(({ seq, timestamp }) => seq === last?.seq && timestamp === last.timestamp);
  if (at < 0) tell(answer.value, tailing, filter);
  else for (const entry of entries.slice(at + 1)) tailing.print(entry);
  return ok({ cursor, last: entries.at(-1) ?? last });
}

async function readTail({ connection }: Tailing, ask: LogFilter): Promise<Result<LogTail>> {
  return await connection.request("logs.tail", ask, { timeoutMs: requestTimeoutMs });
}

function tell({ entries, truncated }: LogTail, { print, out }: Tailing, { limit }: LogFilter): void {
  for (const entry of entries) print(entry);
  // Older records than the asked number are no news; fewer than that means the answer hit its limit of bytes.
  if (truncated && entries.length < limit)
    out.note("Older records were left out: the answer would have been too large.");
}
