import { createHash } from "node:crypto";
import { parseJson } from "../../database/stored.ts";
import { looksEncrypted } from "../crypto/artifact.ts";
import { maxBytes, sessionIdPattern } from "../paths.ts";
import type {
  PortableIntegrity,
  PortableItem,
  PortableProblem,
  ReadOptions,
  SessionItem,
  SidecarResult,
} from "../types.ts";
import { readArchive } from "./archive.ts";
import type { SourceFiles } from "./files.ts";
import { readHistory, readLegacyEvents } from "./history.ts";
import type { MessageContext } from "./message.ts";
import { manifestPath, type SessionCrypto, sessionCrypto } from "./session-crypto.ts";
import { readSession } from "./session-file.ts";
import { checkSidecar } from "./sidecar.ts";

interface SessionFiles {
  readonly id: string;
  readonly metadata: string;
  readonly history: string;
  readonly events: string;
  readonly archive: string;
}

interface Reading {
  readonly files: SourceFiles;
  readonly crypto: SessionCrypto;
  readonly options: ReadOptions;
}

const metadataName = /^sessions\/([A-Za-z0-9_-]+)\.json$/;
const besides = /^sessions\/(?:archives\/)?[A-Za-z0-9_-]+\.(?:json|jsonl|archive\.json)\.hmac(?:\.tmp)?$/;
const ignored = /\.lock$|\.tmp\.\d+\.\d+$|^sessions\/\.crypto-manifest$/;
const partName = /^sessions\/(?:archives\/)?([A-Za-z0-9_-]+)\.(?:jsonl|inbound-events\.jsonl|archive\.json)$/;

/** Every session of the source, and what of its session files is no session. */
export async function* readSessions(files: SourceFiles, options: ReadOptions): AsyncGenerator<PortableItem> {
  const paths = files.paths().filter((path) => path === "sessions" || path.startsWith("sessions/"));
  if (paths.length === 0) return;
  const crypto = await sessionCrypto(files, options);
  const ids = paths.map((path) => metadataName.exec(path)?.[1]).filter((id) => id !== undefined);
  yield* strays(files, paths, new Set(ids));
  for (const id of ids) {
    if (sessionIdPattern.test(id)) yield* readOne({ files, crypto, options }, filesOf(id));
    else yield problem("corrupt", `sessions/${id}.json`, "The session's id is too long.");
  }
}

function filesOf(id: string): SessionFiles {
  return {
    id,
    metadata: `sessions/${id}.json`,
    history: `sessions/${id}.jsonl`,
    events: `sessions/${id}.inbound-events.jsonl`,
    archive: `sessions/archives/${id}.archive.json`,
  };
}

function* strays(files: SourceFiles, paths: readonly string[], ids: ReadonlySet<string>) {
  for (const path of paths) {
    const owner = partName.exec(path)?.[1];
    if (metadataName.test(path) || ignored.test(path) || besides.test(path) || path === manifestPath)
      continue;
    if (owner !== undefined && ids.has(owner)) continue;
    const refused = files.refusal(path, Number.MAX_SAFE_INTEGER, "sessions");
    if (refused !== undefined) yield refused;
    else if (owner === undefined) yield problem("skipped", path, "The file is none of the format.");
    else if (path.startsWith("sessions/archives/")) {
      yield problem("skipped", path, "The archive is of a session that was deleted.");
    } else yield problem("corrupt", path, "The file is of a session whose metadata file is missing.");
  }
}

async function* readOne(reading: Reading, names: SessionFiles): AsyncGenerator<PortableItem> {
  const { files, crypto, options } = reading;
  const refused = files.refusal(names.metadata, maxBytes.metadata, "sessions");
  if (refused !== undefined) return yield refused;
  const stored = await files.whole(names.metadata, maxBytes.metadata, crypto.sidecarKeys);
  if (stored === undefined) return yield problem("corrupt", names.metadata, "The file is not UTF-8.");
  const isSealed = looksEncrypted(stored.text);
  if (isSealed && crypto.locked !== undefined) return yield problem("locked", names.metadata, crypto.locked);
  const text = isSealed
    ? crypto.open({ sessionId: names.id, purpose: "metadata" }, stored.text)
    : stored.text;
  if (text === undefined) {
    return yield problem(
      "corrupt",
      names.metadata,
      "The file does not decrypt: it was changed or belongs elsewhere.",
    );
  }
  const metadata = await checkSidecar(files, names.metadata, { macs: stored.macs, crypto });
  const isTrusted = options.trustFacts === "all" || isSealed || metadata.isProof;
  const read = readSession(parseJson(text), names.id, isTrusted);
  if (!read.ok) return yield problem("corrupt", names.metadata, read.say);
  const history = await fingerprint(reading, names.history, options.maxHistoryBytes ?? maxBytes.history);
  const archive = await fingerprint(reading, names.archive, maxBytes.archive);
  const events = await fingerprint(reading, names.events, maxBytes.events);
  for (const part of [history, archive, events]) if (part.refused !== undefined) yield part.refused;
  if (history.refused !== undefined) return;
  const integrity = {
    metadata: metadata.result,
    history: history.sidecar,
    archive: archive.sidecar,
    isEncrypted: isSealed,
  };
  yield* remarks(names, integrity, crypto);
  const digests = [stored.sha256, history.sha256, archive.sha256, events.sha256].join(" ");
  const parts = { history, archive, hasEvents: events.sha256 !== "" };
  const { session, compaction } = read;
  yield {
    kind: "session",
    file: { path: names.metadata, sha256: createHash("sha256").update(digests).digest("hex") },
    session,
    integrity,
    ...(compaction === undefined ? {} : { compaction }),
    ...contents(reading, names, { ...parts, channel: session.metadata.channel }),
  };
}

/** A file of a session beside its metadata. */
interface Part {
  /** Empty if it is not there, or refused. */
  readonly sha256: string;
  readonly sidecar: SidecarResult | "none";
  readonly isProof: boolean;
  readonly refused?: PortableProblem;
}

async function fingerprint({ files, crypto }: Reading, path: string, limit: number): Promise<Part> {
  if (!files.has(path)) return { sha256: "", sidecar: "none", isProof: false };
  const refused = files.refusal(path, limit, "sessions");
  if (refused !== undefined) return { sha256: "", sidecar: "none", isProof: false, refused };
  const { sha256, macs } = await files.fingerprint(path, limit, crypto.sidecarKeys);
  const { result, isProof } = await checkSidecar(files, path, { macs, crypto });
  return { sha256, sidecar: result, isProof };
}

function* remarks(
  names: SessionFiles,
  integrity: PortableIntegrity,
  crypto: SessionCrypto,
): Generator<PortableProblem> {
  for (const part of ["metadata", "history", "archive"] as const) {
    if (integrity[part] === "mismatch") {
      yield problem(
        "note",
        names[part],
        "Its sidecar does not match: it was changed, or the gateway's secret was.",
      );
    }
    if (integrity[part] === "promoted") {
      yield problem("note", names[part], "Its pending sidecar matches: a write was cut off.");
    }
  }
  if (!crypto.isEncrypted || integrity.isEncrypted) return;
  yield problem(
    "note",
    names.metadata,
    "It is not encrypted, unlike others beside it; it is imported all the same.",
  );
}

interface ContentParts {
  readonly history: Part;
  readonly archive: Part;
  readonly hasEvents: boolean;
  readonly channel: string | undefined;
}

function contents(
  { files, crypto, options }: Reading,
  names: SessionFiles,
  { history, archive, hasEvents, channel }: ContentParts,
): Pick<SessionItem, "messages" | "archive"> {
  const context: MessageContext = { sessionId: names.id, channel, isTrusted: false };
  const trustsAll = options.trustFacts === "all";
  const limit = options.maxHistoryBytes ?? maxBytes.history;
  const base = { files, crypto, context, trustsAll };
  return {
    messages: async function* () {
      if (hasEvents) {
        const events = await readLegacyEvents(files, names.events, maxBytes.events);
        yield { messages: [], events, problems: [] };
      }
      if (history.sha256 === "") return;
      const { sha256, isProof } = history;
      yield* readHistory({ ...base, path: names.history, limit, sha256, isProven: isProof });
    },
    archive: async () =>
      archive.sha256 === ""
        ? { problems: [] }
        : readArchive({ ...base, path: names.archive, isProven: archive.isProof }),
  };
}

function problem(state: PortableProblem["state"], path: string, say: string): PortableProblem {
  return { kind: "problem", state, store: "sessions", path, say };
}
