import { Block, type Json, JsonValue } from "@carapace/protocol";
import type { State } from "@carapace/state";
import { z } from "zod";
import type { Entry } from "../answer/blocks.ts";
import { invalid } from "../errors.ts";
import type { Piece, Read, Turn } from "../question/types.ts";
import type { Earlier } from "./read.ts";

/** How long replies are kept for requests that go on from them. */
const keptMs = 30 * 24 * 3_600_000;
/** Of one conversation; a longer one is not kept. */
const maxBytes = 4 * 1024 * 1024;

/** One message of a stored conversation: labelled, its files by their ids. */
const StoredEntry = z.object({
  id: z.string().optional(),
  role: z.enum(["user", "assistant", "tool"]),
  blocks: z.array(Block),
});
type StoredEntry = z.infer<typeof StoredEntry>;

type Responses = State["responses"];

/** Where replies are kept, and the clock. */
export interface StoredDeps {
  readonly responses: Responses;
  readonly nowMs: () => number;
}

/** What a request says of earlier replies. */
export interface Wanted {
  readonly previous: string | undefined;
  readonly itemIds: readonly string[];
}

/** Finds what a request goes on from; refused if its reply is not stored (any more). */
export async function findEarlier({ previous, itemIds }: Wanted, deps: StoredDeps): Promise<Read<Earlier>> {
  const stored = previous === undefined ? [] : await entriesIn(previous, deps);
  if (stored === undefined) {
    const error = invalid("The reply that previous_response_id names is not stored (any more).");
    return {
      ok: false,
      error: { ...error, param: "previous_response_id", code: "previous_response_not_found" },
    };
  }
  const items = new Map<string, Turn>();
  for (const id of itemIds) {
    const responseId = responseOfItem(id);
    const entries = responseId === undefined ? undefined : await entriesIn(responseId, deps);
    const found = entries?.find((entry) => entry.id === id);
    if (found !== undefined) items.set(id, turnOf(found));
  }
  return { ok: true, value: { turns: stored.map(turnOf), items } };
}

/** Pure. Item ids hold the digits of their reply's id (`resp_<32 hex>`), by which they are found again. */
function responseOfItem(id: string): string | undefined {
  const digits = /^(?:msg|call)_([0-9a-f]{32})(?:_\d+)?$/.exec(id)?.[1];
  return digits === undefined ? undefined : `resp_${digits}`;
}

async function entriesIn(id: string, { responses, nowMs }: StoredDeps): Promise<StoredEntry[] | undefined> {
  const found = await responses.find(id, nowMs());
  return found?.items.flatMap((item) => StoredEntry.safeParse(item).data ?? []);
}

function turnOf({ role, blocks, id }: StoredEntry): Turn {
  return { role, pieces: blocks.map(pieceOf), ...(id === undefined ? {} : { itemId: id }) };
}

function pieceOf(block: Block): Piece {
  if (block.type === "tool_use") return { kind: "call", id: block.id, name: block.name, input: block.input };
  if (block.type === "tool_result") return { kind: "result", id: block.toolUseId, text: block.content };
  return { kind: "block", block };
}

/** Keeps a conversation with its newest reply; what is over is forgotten meanwhile. */
export async function keepResponse(
  id: string,
  entries: readonly Entry[],
  { responses, nowMs }: StoredDeps,
): Promise<void> {
  const items: Json[] = entries.map(({ role, blocks, itemId }) =>
    JsonValue.parse({ role, blocks, ...(itemId === undefined ? {} : { id: itemId }) }),
  );
  if (Buffer.byteLength(JSON.stringify(items)) > maxBytes) return;
  const createdAtMs = nowMs();
  await responses.save({ id, createdAtMs, expiresAtMs: createdAtMs + keptMs, items });
  await responses.prune(createdAtMs);
}
