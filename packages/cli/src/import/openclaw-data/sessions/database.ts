import type { OpenClawAgentDatabase, OpenClawSession } from "@carapace/state/openclaw";
import type { PortableProblem } from "@carapace/state/portable";
import { problem } from "../problems.ts";
import type { SourceSession, TranscriptLine } from "./source.ts";

/** Where a database lies, and whose it is. */
export interface DatabasePlace {
  readonly path: string;
  readonly agentId: string;
}

/** Conversations of an agent that lie in its database (OpenClaw from 2026.8 on). */
export function* databaseSessions(
  database: OpenClawAgentDatabase,
  { path, agentId }: DatabasePlace,
): Generator<SourceSession | PortableProblem> {
  for (const session of database.sessions()) {
    if (session.isCold) {
      const at = { store: "sessions", path: `${path}#${session.id}` } as const;
      yield problem(
        "skipped",
        at,
        "It was put away into an archive: open it in that program once, then try again.",
      );
    } else yield sessionOf(database, session, { path, agentId });
  }
  const archived = database.archivedCount();
  if (archived === 0) return;
  const say = `${archived} transcripts of conversations that were removed or reset there are left out.`;
  yield problem("note", { store: "sessions", path }, say);
}

function sessionOf(
  database: OpenClawAgentDatabase,
  { id, key, name, createdAtMs, updatedAtMs }: OpenClawSession,
  { path, agentId }: DatabasePlace,
): SourceSession {
  const lines = async function* (): AsyncGenerator<TranscriptLine> {
    let count = 0;
    for (const { seq, text, why } of database.entries(id)) {
      yield { number: seq, ...(text === undefined ? {} : { text }), ...(why === undefined ? {} : { why }) };
      // The calls are synchronous: let others have their turn.
      if (++count % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const active = database.active(id);
  const transcript = { path: `${path}#${id}`, lines, ...(active === undefined ? {} : { active }) };
  return {
    ...{ id, key, agentId, transcript },
    ...(name === undefined ? {} : { name }),
    ...(createdAtMs === undefined ? {} : { createdAtMs }),
    ...(updatedAtMs === undefined ? {} : { updatedAtMs }),
  };
}
