import { isRecord } from "@carapace/protocol";
import type { SessionRow } from "../../sessions/row.ts";
import type { Compaction, SessionMetadata } from "../../types.ts";
import { factsField, ReferenceSession, type SessionFacts } from "../facts.ts";

const fields = {
  name: "name",
  description: "description",
  agentId: "agent_id",
  channel: "channel",
  chatId: "chat_id",
  userId: "user_id",
  route: "route",
  model: "model",
  thinkingLevel: "thinking_level",
} as const;

const withPlaces = new Set<string>([...Object.keys(fields), "tags", "extra", "reference"]);

/** A session's metadata as the reference keeps it (state.md §3.1), in its order of fields. */
export function sessionRecord(row: SessionRow, compaction: Compaction | undefined): Record<string, unknown> {
  const parsed = ReferenceSession.safeParse(row.metadata.reference);
  const reference = parsed.success ? parsed.data : {};
  const { lastActivityAtMs } = reference;
  const keepsStatus = row.status === "paused" && reference.status !== undefined;
  return {
    id: row.id,
    session_key: row.key,
    status: keepsStatus ? reference.status : row.status,
    metadata: metadataOf(row.metadata, reference, compaction),
    message_count: row.headSeq,
    created_at: row.createdAtMs,
    updated_at: row.updatedAtMs,
    ...(lastActivityAtMs === undefined ? {} : { last_activity_at: lastActivityAtMs }),
  };
}

function metadataOf(
  metadata: SessionMetadata,
  reference: ReferenceSession,
  compaction: Compaction | undefined,
): Record<string, unknown> {
  const named = Object.entries(fields).flatMap(([ours, theirs]) => {
    const value = metadata[ours as keyof typeof fields];
    return typeof value === "string" ? [[theirs, value] as const] : [];
  });
  const tags = metadata.tags ?? [];
  const extra = extraOf(metadata, compaction);
  return {
    ...Object.fromEntries(named),
    ...(tags.length === 0 ? {} : { tags }),
    ...(extra === undefined ? {} : { extra }),
    compaction: compaction === undefined ? (reference.compaction ?? noCompaction) : counters(compaction),
  };
}

const noCompaction = { messages_compacted: 0, compaction_count: 0, original_message_count: 0 };

function counters({ messagesCompacted, createdAtMs, summary }: Compaction) {
  const text = summary.map((block) => (block.type === "text" ? block.text : "")).join("");
  return {
    messages_compacted: messagesCompacted,
    last_compacted_at: createdAtMs,
    compaction_count: 1,
    last_summary: text,
    original_message_count: messagesCompacted,
  };
}

function extraOf(metadata: SessionMetadata, compaction: Compaction | undefined): unknown {
  const { extra } = metadata;
  const rest = otherFields(metadata, compaction !== undefined);
  const clashes = isRecord(extra) && factsField in extra;
  if (compaction === undefined && Object.keys(rest).length === 0 && !clashes && extra !== null) return extra;
  const facts: SessionFacts = {
    v: 1,
    ...(compaction === undefined ? {} : { compaction: { ...compaction, summary: [...compaction.summary] } }),
    ...(extra === undefined ? {} : { extra }),
    ...(Object.keys(rest).length === 0 ? {} : { metadata: rest }),
  };
  return { ...(isRecord(extra) ? extra : {}), [factsField]: facts };
}

/** What would not come back from the reference's fields as it is. */
function otherFields(metadata: SessionMetadata, hasCompaction: boolean): Record<string, unknown> {
  const entries = Object.entries(metadata).filter(([name, value]) => {
    if (name === "reference") return hasCompaction;
    if (name === "extra") return false;
    if (name === "tags") return !Array.isArray(value) || value.length === 0;
    return !withPlaces.has(name) || typeof value !== "string";
  });
  return Object.fromEntries(entries);
}
