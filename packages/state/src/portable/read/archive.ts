import { z } from "zod";
import { parseJson } from "../../database/stored.ts";
import type { NewMessage } from "../../types.ts";
import { looksEncrypted } from "../crypto/artifact.ts";
import { maxBytes } from "../paths.ts";
import type { PortableArchive, PortableProblem } from "../types.ts";
import type { SourceFiles } from "./files.ts";
import { type MessageContext, readMessage } from "./message.ts";
import type { SessionCrypto } from "./session-crypto.ts";

/** An archive (state.md §3.6); fields of later versions are refused, as is another version. */
const ArchiveFile = z.strictObject({
  session: z.record(z.string(), z.unknown()),
  messages: z.array(z.unknown()),
  archived_at: z.int(),
  version: z.literal(1),
});

export interface ArchiveReading {
  readonly files: SourceFiles;
  readonly crypto: SessionCrypto;
  readonly path: string;
  readonly context: MessageContext;
  /** Whether it was vouched for as it lies there. */
  readonly isProven: boolean;
  readonly trustsAll: boolean;
}

/** Reads a whole archive; a message that cannot be read is left out and told. */
export async function readArchive(
  reading: ArchiveReading,
): Promise<{ readonly archive?: PortableArchive; readonly problems: readonly PortableProblem[] }> {
  const { files, crypto, path, context } = reading;
  const problem = (state: PortableProblem["state"], say: string): PortableProblem => {
    return { kind: "problem", state, store: "archives", path, say };
  };
  const refused = files.refusal(path, maxBytes.archive, "archives");
  if (refused !== undefined) return { problems: [refused] };
  const stored = (await files.whole(path, maxBytes.archive))?.text ?? "";
  const isSealed = looksEncrypted(stored);
  if (isSealed && crypto.locked !== undefined) return { problems: [problem("locked", crypto.locked)] };
  const { sessionId } = context;
  const text = isSealed ? crypto.open({ sessionId, purpose: "archive" }, stored) : stored;
  if (text === undefined) return { problems: [problem("corrupt", "The archive does not decrypt.")] };
  const parsed = ArchiveFile.safeParse(parseJson(text));
  if (!parsed.success) {
    const say = "The file is not an archive of version 1: a later version, unknown fields, or damaged.";
    return { problems: [problem("corrupt", say)] };
  }
  const isTrusted = reading.trustsAll || isSealed || reading.isProven;
  const messages: NewMessage[] = [];
  const problems: PortableProblem[] = [];
  for (const json of parsed.data.messages) {
    const read = readMessage(json, { ...context, isTrusted });
    if (read.kind === "message") messages.push(read.message);
    if (read.kind === "bad") problems.push(problem("corrupt", read.say));
  }
  return { archive: { archivedAtMs: parsed.data.archived_at, messages }, problems };
}
