import { isRecord, SessionKey } from "@carapace/protocol";
import { z } from "zod";
import type { Compaction, SessionMetadata, SessionStatus } from "../../types.ts";
import { factsField, type ReferenceSession, SessionFacts } from "../facts.ts";
import type { PortableSession } from "../types.ts";

const text = z.string().nullish();

const Metadata = z.looseObject({
  name: text,
  description: text,
  agent_id: text,
  channel: text,
  chat_id: text,
  user_id: text,
  route: text,
  model: text,
  thinking_level: text,
  tags: z.array(z.string()).nullish(),
  extra: z.unknown().optional(),
  compaction: z.record(z.string(), z.unknown()).nullish(),
});

/** A session's metadata file (state.md §3.1). */
const SessionFile = z.object({
  id: z.string(),
  session_key: z.string(),
  status: z.string(),
  metadata: Metadata.default({}),
  message_count: z.number().nullish(),
  created_at: z.int(),
  updated_at: z.int(),
  last_activity_at: z.number().nullish(),
});

// A map: a file may call its status like something every object has.
const statuses: ReadonlyMap<string, SessionStatus> = new Map([
  ["active", "active"],
  ["paused", "paused"],
  ["archived", "archived"],
  // A compaction that nobody will end: it broke off with its program.
  ["compacting", "active"],
]);

export type ReadSession =
  | { readonly ok: true; readonly session: PortableSession; readonly compaction?: Compaction }
  | { readonly ok: false; readonly say: string };

/** Pure. @param isTrusted Whether facts in `metadata.extra.carapace` are taken over. */
export function readSession(json: unknown, id: string, isTrusted: boolean): ReadSession {
  const parsed = SessionFile.safeParse(json);
  if (!parsed.success) return { ok: false, say: "The file does not hold a session." };
  const file = parsed.data;
  if (file.id !== id) return { ok: false, say: "The file holds a session of another id." };
  const key = SessionKey.safeParse(file.session_key);
  if (!key.success || key.data.includes("\0")) return { ok: false, say: "The session's key cannot be kept." };
  const facts = factsOf(file.metadata.extra, isTrusted);
  const session = {
    id,
    key: key.data,
    status: statuses.get(file.status) ?? "paused",
    metadata: metadataOf(file, facts),
    createdAtMs: file.created_at,
    updatedAtMs: file.updated_at,
  };
  const { compaction } = facts ?? {};
  return { ok: true, session, ...(compaction === undefined ? {} : { compaction }) };
}

function factsOf(extra: unknown, isTrusted: boolean): SessionFacts | undefined {
  if (!isTrusted || !isRecord(extra)) return undefined;
  const parsed = SessionFacts.safeParse(extra[factsField]);
  return parsed.success ? parsed.data : undefined;
}

function metadataOf(file: z.infer<typeof SessionFile>, facts: SessionFacts | undefined): SessionMetadata {
  const { metadata } = file;
  const reference = facts?.metadata?.["reference"] ?? referenceOf(file, facts);
  const extra = facts === undefined ? withoutFacts(metadata.extra) : facts.extra;
  const fields = {
    name: metadata.name,
    description: metadata.description,
    agentId: metadata.agent_id,
    channel: metadata.channel,
    chatId: metadata.chat_id,
    userId: metadata.user_id,
    route: metadata.route,
    model: metadata.model,
    thinkingLevel: metadata.thinking_level,
    tags: metadata.tags,
    extra,
    reference: isRecord(reference) && Object.keys(reference).length > 0 ? reference : undefined,
  };
  const set = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  // An `extra` of null is one that was there.
  const none = facts?.extra === null ? { extra: null } : {};
  return { ...facts?.metadata, ...Object.fromEntries(set), ...none };
}

function withoutFacts(extra: unknown): unknown {
  if (!isRecord(extra) || !(factsField in extra)) return extra;
  const { [factsField]: _facts, ...rest } = extra;
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function referenceOf(file: z.infer<typeof SessionFile>, facts: SessionFacts | undefined): ReferenceSession {
  const { compaction } = file.metadata;
  const isForeign = facts?.compaction === undefined;
  const wasCompacted = isForeign && compaction != null && Number(compaction["compaction_count"] ?? 0) > 0;
  return {
    ...(statuses.has(file.status) ? {} : { status: file.status }),
    ...(typeof file.last_activity_at === "number" ? { lastActivityAtMs: file.last_activity_at } : {}),
    ...(wasCompacted ? { compaction } : {}),
  };
}
