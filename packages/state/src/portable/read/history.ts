import { createHash } from "node:crypto";
import { parseJson } from "../../database/stored.ts";
import { StateError } from "../../errors.ts";
import type { NewMessage } from "../../types.ts";
import { looksEncrypted } from "../crypto/artifact.ts";
import type { InboundEvent, MessageBatch, PortableProblem } from "../types.ts";
import type { SourceFiles } from "./files.ts";
import { type Line, linesOf } from "./lines.ts";
import { isStorable, type MessageContext, readMessage } from "./message.ts";
import type { SessionCrypto } from "./session-crypto.ts";

const maxBatchMessages = 500;
const maxBatchLength = 1024 * 1024;

/** A history that was fingerprinted and is now to be read. */
export interface HistoryReading {
  readonly files: SourceFiles;
  readonly crypto: SessionCrypto;
  readonly path: string;
  readonly limit: number;
  /** Of the first pass: what is read now must be the same. */
  readonly sha256: string;
  readonly context: MessageContext;
  /** Whether the file as a whole was vouched for; an encrypted line is by itself. */
  readonly isProven: boolean;
  /** Facts count wherever they stand. */
  readonly trustsAll: boolean;
}

/** Streams a history in batches. @throws StateError `io` if the file changed since it was fingerprinted */
export async function* readHistory(reading: HistoryReading): AsyncGenerator<MessageBatch> {
  const { files, path, limit } = reading;
  const hash = createHash("sha256");
  const hashed = async function* () {
    for await (const chunk of files.open(path, limit)) {
      hash.update(chunk);
      yield chunk;
    }
  };
  let batch = new Batch();
  for await (const line of linesOf(hashed())) {
    batch.add(readLine(reading, line), line.text?.length ?? 0);
    if (!batch.isFull()) continue;
    yield batch;
    batch = new Batch();
  }
  if (!batch.isEmpty()) yield batch;
  if (hash.digest("hex") === reading.sha256) return;
  throw new StateError("io", `${path} changed while it was read: stop what writes it, then try again.`);
}

class Batch implements MessageBatch {
  readonly messages: NewMessage[] = [];
  readonly events: InboundEvent[] = [];
  readonly problems: PortableProblem[] = [];
  #length = 0;

  add(read: LineReading, length: number): void {
    this.#length += length;
    if (read.kind === "message") this.messages.push(read.message);
    else if (read.kind === "event") this.events.push(read.event);
    else this.problems.push(read);
  }

  isFull(): boolean {
    return this.messages.length >= maxBatchMessages || this.#length >= maxBatchLength;
  }

  isEmpty(): boolean {
    return this.messages.length + this.events.length + this.problems.length === 0;
  }
}

type LineReading =
  | { readonly kind: "message"; readonly message: NewMessage }
  | { readonly kind: "event"; readonly event: InboundEvent }
  | PortableProblem;

function readLine(reading: HistoryReading, line: Line): LineReading {
  const { path, context, crypto } = reading;
  const problem = (state: "corrupt" | "locked", say: string): PortableProblem => {
    return { kind: "problem", state, store: "sessions", path, line: line.number, say };
  };
  if (line.text === undefined) return problem("corrupt", `The line ${line.why ?? "cannot be read"}.`);
  const isSealed = looksEncrypted(line.text);
  if (isSealed && crypto.locked !== undefined) return problem("locked", crypto.locked);
  const { sessionId } = context;
  const text = isSealed ? crypto.open({ sessionId, purpose: "history" }, line.text) : line.text;
  if (text === undefined)
    return problem("corrupt", "The line does not decrypt: it was changed or belongs elsewhere.");
  const isTrusted = reading.trustsAll || isSealed || reading.isProven;
  const read = readMessage(parseJson(text), { ...context, isTrusted });
  return read.kind === "bad" ? problem("corrupt", read.say) : read;
}

const eventsLimit = 100_000;

/** The ids of a legacy index beside a history (state.md §3.4): `{event_id, run_id?}` a line. */
export async function readLegacyEvents(
  files: SourceFiles,
  path: string,
  limit: number,
): Promise<InboundEvent[]> {
  const events: InboundEvent[] = [];
  for await (const { text } of linesOf(files.open(path, limit), 16 * 1024)) {
    const json = text === undefined ? undefined : parseJson(text);
    const marker = json !== null && typeof json === "object" ? json : {};
    const eventId = "event_id" in marker ? marker.event_id : undefined;
    const runId = "run_id" in marker ? marker.run_id : undefined;
    if (typeof eventId !== "string" || eventId === "" || !isStorable(eventId)) continue;
    if (events.length >= eventsLimit) break;
    events.push({ eventId, ...(typeof runId === "string" && isStorable(runId) ? { runId } : {}) });
  }
  return events;
}
