import type { OpenClawAgentDatabase, OpenClawSession } from "@carapace/state/openclaw";
import type { PortableProblem } from "@carapace/state/portable";
import { problem } from "../problems.ts";
import type { SourceFolder } from "../source/folder.ts";
import { coldLines } from "./cold.ts";
import type { SourceSession, Transcript, TranscriptLine } from "./source.ts";

/** Where a database lies, and whose it is. */
export interface DatabasePlace {
  readonly path: string;
  readonly agentId: string;
  /** Where transcripts that were put away lie as files. */
  readonly cold: SourceFolder | undefined;
}

/** Conversations of an agent that lie in its database (OpenClaw from 2026.8 on). */
export function* databaseSessions(
  database: OpenClawAgentDatabase,
  place: DatabasePlace,
): Generator<SourceSession | PortableProblem> {
  for (const session of database.sessions()) yield sessionOf(database, session, place);
  const archived = database.archivedCount();
  if (archived === 0) return;
  const say = `Transcripts of conversations that were removed or reset there are left out: ${archived}`;
  yield problem("note", { store: "sessions", path: place.path }, say);
}

function sessionOf(
  database: OpenClawAgentDatabase,
  session: OpenClawSession,
  place: DatabasePlace,
): SourceSession {
  const { id, key, name, createdAtMs, updatedAtMs } = session;
  return {
    ...{ id, key, agentId: place.agentId, transcript: transcriptOf(database, session, place) },
    ...(name === undefined ? {} : { name }),
    ...(createdAtMs === undefined ? {} : { createdAtMs }),
    ...(updatedAtMs === undefined ? {} : { updatedAtMs }),
  };
}

function transcriptOf(
  database: OpenClawAgentDatabase,
  { id, coldName }: OpenClawSession,
  { path: file, cold }: DatabasePlace,
): Transcript {
  const path = `${file}#${id}`;
  if (coldName !== undefined) {
    const bytes = () => database.coldBytes(id);
    return { path, lines: () => coldLines({ name: coldName, bytes, folder: cold }) };
  }
  const active = database.active(id);
  return { path, lines: () => rowLines(database, id), ...(active === undefined ? {} : { active }) };
}

async function* rowLines(database: OpenClawAgentDatabase, id: string): AsyncGenerator<TranscriptLine> {
  let count = 0;
  for (const { seq, text, why } of database.entries(id)) {
    yield { number: seq, ...(text === undefined ? {} : { text }), ...(why === undefined ? {} : { why }) };
    // The calls are synchronous: let others have their turn.
    if (++count % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
