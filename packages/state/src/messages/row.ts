import { Block, isRecord, Role, RunId } from "@carapace/protocol";
import { z } from "zod";
import { bytes, integer, optionalInteger, optionalText, type Row, text } from "../database/row.ts";
import { assertStorable, parseJson } from "../database/stored.ts";
import type { Macs } from "../integrity/macs.ts";
import type { Message, NewMessage } from "../types.ts";

/** A message as its row keeps it: what the MAC covers, exactly as stored. */
export interface MessageRow {
  readonly sessionId: string;
  readonly generation: string;
  readonly seq: number;
  readonly id: string;
  readonly role: string;
  readonly runId: string | undefined;
  readonly tokens: number | undefined;
  readonly createdAtMs: number;
  /** JSON. */
  readonly metadata: string | undefined;
  /** JSON of the blocks; undefined once the text was erased. */
  readonly content: string | undefined;
  readonly contentMac: Uint8Array;
  readonly mac: Uint8Array;
}

const Blocks = z.array(Block);

/** @throws StateError `corrupt` */
export function parseMessageRow(row: Row): MessageRow {
  return {
    sessionId: text(row, "session_id"),
    generation: text(row, "generation"),
    seq: integer(row, "seq"),
    id: text(row, "id"),
    role: text(row, "role"),
    runId: optionalText(row, "run_id"),
    tokens: optionalInteger(row, "tokens"),
    createdAtMs: integer(row, "created_at"),
    metadata: optionalText(row, "metadata"),
    content: optionalText(row, "content"),
    contentMac: bytes(row, "content_mac"),
    mac: bytes(row, "mac"),
  };
}

/** How much room a message takes, in UTF-16 units of its stored text. */
export function sizeOf(row: Pick<MessageRow, "content" | "metadata">): number {
  return (row.content?.length ?? 0) + (row.metadata?.length ?? 0);
}

/** The MAC of a message: over the one before it and all its own fields. */
export function messageMac(
  macs: Macs,
  previous: Uint8Array,
  row: Omit<MessageRow, "mac" | "content">,
): Uint8Array {
  return macs.record("message", [
    previous,
    row.sessionId,
    row.generation,
    row.seq,
    row.id,
    row.role,
    row.runId,
    row.tokens,
    row.createdAtMs,
    row.metadata,
    row.contentMac,
  ]);
}

/** What stands before the first message of a session's history. */
export function genesisMac(macs: Macs, sessionId: string, generation: string): Uint8Array {
  return macs.record("genesis", [sessionId, generation]);
}

/** @returns the message, or undefined if the row does not hold one. */
export function toMessage(row: MessageRow): Message | undefined {
  const role = Role.safeParse(row.role);
  const blocks = Blocks.safeParse(parseJson(row.content ?? "[]"));
  const runId = RunId.optional().safeParse(row.runId);
  if (!role.success || !blocks.success || !runId.success) return undefined;
  const metadata = row.metadata === undefined ? undefined : parseJson(row.metadata);
  return {
    sessionId: row.sessionId,
    seq: row.seq,
    id: row.id,
    role: role.data,
    blocks: blocks.data,
    createdAtMs: row.createdAtMs,
    ...(runId.data === undefined ? {} : { runId: runId.data }),
    ...(row.tokens === undefined ? {} : { tokens: row.tokens }),
    ...(isRecord(metadata) ? { metadata } : {}),
  };
}

/** The row of a message that joins a history. */
export function newMessageRow(
  macs: Macs,
  at: {
    readonly sessionId: string;
    readonly generation: string;
    readonly seq: number;
    readonly previous: Uint8Array;
  },
  message: NewMessage,
): MessageRow {
  assertStorable("The id of a message", message.id);
  const content = JSON.stringify(message.blocks);
  const unsealed = {
    sessionId: at.sessionId,
    generation: at.generation,
    seq: at.seq,
    id: message.id,
    role: message.role,
    runId: message.runId,
    tokens: message.tokens,
    createdAtMs: message.createdAtMs,
    metadata: message.metadata === undefined ? undefined : JSON.stringify(message.metadata),
    contentMac: macs.content(content),
  };
  return { ...unsealed, content, mac: messageMac(macs, at.previous, unsealed) };
}
