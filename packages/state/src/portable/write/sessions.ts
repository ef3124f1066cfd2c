import { isCorruption } from "../../database/failure.ts";
import { StateError } from "../../errors.ts";
import type { LoadedSession } from "../../sessions/table.ts";
import type { Compaction, NewMessage } from "../../types.ts";
import { FileMacs, sidecarBytes, writeSidecar } from "../crypto/sidecar.ts";
import type { PortableDeps } from "../deps.ts";
import type { PortableOutput, WriteOptions } from "../types.ts";
import { historyLines } from "./history.ts";
import { wholeFile } from "./json-file.ts";
import { messageLine } from "./message-line.ts";
import { type SessionSealing, sessionSealing } from "./sealing.ts";
import { sessionRecord } from "./session-record.ts";

interface SessionWriting {
  readonly deps: PortableDeps;
  readonly options: WriteOptions;
  readonly sealing: SessionSealing;
}

/** All sessions, each as the reference's files: metadata, history, archive, sidecars (state.md §3). */
export async function* writeSessions(
  deps: PortableDeps,
  options: WriteOptions,
): AsyncGenerator<PortableOutput> {
  const sealing = await sessionSealing(options);
  if (sealing.manifest !== undefined) yield sealing.manifest;
  const writing = { deps, options, sealing };
  const keys = deps.connection.read(() => deps.sessions.keys()).sort();
  for (const key of keys) {
    const session = deps.connection.read(() => deps.sessions.byKey(key));
    if (session === undefined) continue;
    yield* writeSession(writing, session);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function* writeSession(
  writing: SessionWriting,
  session: LoadedSession,
): AsyncGenerator<PortableOutput> {
  const { deps, options, sealing } = writing;
  const { row } = session;
  const path = `sessions/${row.id}.json`;
  const tell = (say: string) =>
    options.onProblem?.({ kind: "problem", state: "note", store: "sessions", path, say });
  if (session.damage !== undefined) tell(session.damage.say);
  const compaction = deps.connection.read(() => compactionOf(deps, session));
  const record = sessionRecord(row, compaction);
  yield* withSidecar(writing, artifact(sealing, { path, id: row.id, purpose: "metadata" }, record));
  yield* withSidecar(writing, await historyFile(writing, session));
  const messages = deps.connection.read(() => archivedOf(deps, session));
  if (messages === "damaged") tell("Its archive does not verify: it is left out.");
  else if (messages !== undefined) {
    const archived = deps.connection.read(() => deps.archives.archivedAt(row.id)) ?? row.updatedAtMs;
    const place = {
      path: `sessions/archives/${row.id}.archive.json`,
      id: row.id,
      purpose: "archive",
    } as const;
    const lines = messages.map((message) => messageLine(row.id, message));
    const document = { session: record, messages: lines, archived_at: archived, version: 1 };
    yield* withSidecar(writing, artifact(sealing, place, document));
  }
}

function compactionOf(deps: PortableDeps, { row, damage }: LoadedSession): Compaction | undefined {
  if (damage !== undefined) return undefined;
  const compaction = deps.compactions.find(row);
  return compaction === "damaged" ? undefined : compaction;
}

function archivedOf(deps: PortableDeps, { row }: LoadedSession): NewMessage[] | undefined | "damaged" {
  try {
    return deps.archives.load(row);
  } catch (error) {
    if (isCorruption(error) || error instanceof StateError) return "damaged";
    throw error;
  }
}

interface ArtifactFile {
  readonly path: string;
  readonly id: string;
  readonly purpose: "metadata" | "archive";
}

function artifact(
  sealing: SessionSealing,
  { path, id, purpose }: ArtifactFile,
  value: unknown,
): PortableOutput {
  return wholeFile(path, sealing.seal(id, purpose, JSON.stringify(value, undefined, 2)));
}

/** Walks the history twice: for its size, and for its content. */
async function historyFile(
  { deps, options, sealing }: SessionWriting,
  session: LoadedSession,
): Promise<PortableOutput> {
  const { id } = session.row;
  let size = 0;
  for await (const line of historyLines(deps, session)) {
    size += sealing.sizeOf(line) + 1;
    options.onMeasured?.();
  }
  return {
    path: `sessions/${id}.jsonl`,
    size,
    chunks: async function* () {
      for await (const line of historyLines(deps, session)) {
        yield Buffer.from(`${sealing.seal(id, "history", line)}\n`);
      }
    },
  };
}

/** The file, and once it was read, its sidecar. An empty file is left out. */
function* withSidecar({ sealing }: SessionWriting, file: PortableOutput): Generator<PortableOutput> {
  if (file.size === 0) return;
  const key = sealing.sidecarKey;
  if (key === undefined) return yield file;
  const macs = new FileMacs([key]);
  yield {
    ...file,
    chunks: async function* () {
      for await (const chunk of file.chunks()) {
        macs.update(chunk);
        yield chunk;
      }
    },
  };
  yield {
    path: `${file.path}.hmac`,
    size: sidecarBytes,
    chunks: async function* () {
      yield Buffer.from(writeSidecar(macs.first() ?? new Uint8Array()));
    },
  };
}
