import { SessionKey } from "@carapace/protocol";
import type { SessionMetadata } from "@carapace/state";
import type { PortableItem, SessionItem } from "@carapace/state/portable";
import { stableId } from "../ids.ts";
import { problem, sayOf } from "../problems.ts";
import { shortLine } from "../text.ts";
import { pastTime, readHistory } from "./history.ts";
import type { SourceSession } from "./source.ts";
import { type Survey, survey } from "./survey.ts";

export interface ItemContext {
  /** Whose conversations those of this agent are here. */
  readonly agentOf: (sourceAgentId: string) => string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** Told of every survey, so that what is left out is counted. */
  readonly onSurvey: (survey: Survey) => void;
}

/** A conversation as it is taken in; or why it is not. */
export async function sessionItem(session: SourceSession, context: ItemContext): Promise<PortableItem> {
  const at = { store: "sessions", path: session.transcript.path } as const;
  let seen: Survey;
  try {
    seen = await survey(session.transcript, context.signal);
  } catch (error) {
    context.signal.throwIfAborted();
    return problem("corrupt", at, `The conversation cannot be read: ${sayOf(error)}.`);
  }
  if (seen.messages === 0) return problem("skipped", at, "Nothing was said in it.");
  context.onSurvey(seen);
  return itemOf(session, seen, context);
}

function itemOf(session: SourceSession, seen: Survey, context: ItemContext): SessionItem {
  const { agentId, id, transcript } = session;
  const { nowMs } = context;
  const createdAtMs = pastTime(session.createdAtMs ?? seen.firstMs, nowMs, nowMs);
  const lastMs = pastTime(seen.lastMs ?? session.updatedAtMs, createdAtMs, nowMs);
  const updatedAtMs = Math.max(createdAtMs, lastMs);
  return {
    kind: "session",
    file: { path: transcript.path, sha256: seen.sha256 },
    session: {
      id: stableId("session", agentId, id),
      key: keyOf(session),
      status: "active",
      metadata: { ...metadataOf(session, seen, context), reference: { lastActivityAtMs: updatedAtMs } },
      ...{ createdAtMs, updatedAtMs },
    },
    integrity: { metadata: "unchecked", history: "unchecked", archive: "none", isEncrypted: false },
    messages: () => readHistory({ session, survey: seen, nowMs }),
    archive: async () => ({ problems: [] }),
  };
}

/**
 * A key of its own, which nothing else speaks to and which stays the same: in the source, the key of a conversation
 * goes over to the next one after a reset.
 */
function keyOf({ agentId, id }: SourceSession): SessionKey {
  const isPlain = [agentId, id].every((name) => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(name));
  return SessionKey.parse(`openclaw:${isPlain ? `${agentId}:${id}` : stableId("session", agentId, id)}`);
}

// No channel, peer or model: a conversation of another program must not lead a message out by itself. That there is a
// `reference` says that the name, too, is somebody else's (agent/tools/session-list).
function metadataOf(session: SourceSession, seen: Survey, context: ItemContext): SessionMetadata {
  const { agentId, id, key } = session;
  const name = [session.name, seen.name, key].find((text) => text !== undefined && text.trim() !== "");
  const from = { sessionId: shortLine(id, 255), ...(key === undefined ? {} : { key: shortLine(key, 255) }) };
  return {
    ...(name === undefined ? {} : { name: shortLine(name, 120) }),
    agentId: context.agentOf(agentId),
    description: "Imported from OpenClaw",
    extra: { openclaw: from },
  };
}
