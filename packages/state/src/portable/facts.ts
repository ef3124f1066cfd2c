import { Block, Origin, RunId } from "@carapace/protocol";
import { z } from "zod";

/** The field of a message's metadata, and of a session's `extra`, that holds what the reference has no place for. */
export const factsField = "carapace";

/** What a message is here beyond its text (labels, blocks), as it stands in `metadata.carapace`. */
export const MessageFacts = z.object({
  v: z.literal(1),
  /** The label of a message that is one text. */
  origin: Origin.optional(),
  /** All blocks of any other message. */
  blocks: z.array(Block).optional(),
  runId: RunId.optional(),
  /** Whether the message has metadata of its own beside this; an empty object is not nothing. */
  hasMetadata: z.boolean().optional(),
  /** Its `reference_line`, as it stands: the line may have no room for all of it. */
  line: z.unknown().optional(),
});
export type MessageFacts = z.infer<typeof MessageFacts>;

const StoredCompaction = z.object({
  throughSeq: z.int().min(1),
  summary: z.array(Block),
  messagesCompacted: z.int().min(0),
  createdAtMs: z.number(),
});

/** What a session is here beyond the reference's fields, as it stands in `metadata.extra.carapace`. */
export const SessionFacts = z.object({
  v: z.literal(1),
  compaction: StoredCompaction.optional(),
  /** The session's own `extra`, if it has one. */
  extra: z.unknown().optional(),
  /** Further fields of its metadata. */
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type SessionFacts = z.infer<typeof SessionFacts>;

/**
 * What a line of the reference holds that has no place here; kept in the message's metadata as `reference_line`, so that
 * writing it back loses nothing.
 */
export const ReferenceLine = z.object({
  /** A role of a later version. */
  role: z.string().optional(),
  /** Its content, where the blocks do not say all of it. */
  content: z.string().optional(),
  toolCallId: z.string().optional(),
  toolName: z.string().optional(),
  /** Metadata that is not an object. */
  metadata: z.unknown().optional(),
  /** Fields of a later version. */
  fields: z.record(z.string(), z.unknown()).optional(),
});
export type ReferenceLine = z.infer<typeof ReferenceLine>;

export const lineField = "reference_line";

/** The same of a session's metadata file; kept in the session's metadata as `reference`. */
export const ReferenceSession = z.object({
  status: z.string().optional(),
  lastActivityAtMs: z.number().optional(),
  compaction: z.record(z.string(), z.unknown()).optional(),
});
export type ReferenceSession = z.infer<typeof ReferenceSession>;
