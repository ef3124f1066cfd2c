import { type Block, isTrusted, type Origin } from "@carapace/protocol";
import type { Message } from "@carapace/state";
import { readStepFacts } from "../turn/step-facts.ts";

/** The label of a block; a tool call has none of its own: its message knows it. */
export function originOf(block: Block): Origin | undefined {
  return block.type === "tool_use" ? undefined : block.origin;
}

/** The different labels among these, each once, in order of appearance. */
export function distinctOrigins(origins: Iterable<Origin>): Origin[] {
  const byText = new Map<string, Origin>();
  for (const origin of origins) {
    const name = `${origin.kind}\n${origin.ref ?? ""}\n${origin.from?.join() ?? ""}`;
    if (!byText.has(name)) byText.set(name, origin);
  }
  return [...byText.values()];
}

/** The labels of some blocks. */
export function originsOf(blocks: Iterable<Block>): Origin[] {
  const found: Origin[] = [];
  for (const block of blocks) {
    const origin = originOf(block);
    if (origin !== undefined) found.push(origin);
  }
  return found;
}

/** The labels of a message: of its texts and results, and of its calls, which are model text too. */
export function messageOrigins(message: Pick<Message, "blocks" | "metadata">): Origin[] {
  const found = originsOf(message.blocks);
  const hasCalls = message.blocks.some((block) => block.type === "tool_use");
  return hasCalls ? [...found, readStepFacts(message.metadata).callOrigin ?? { kind: "model" }] : found;
}

/**
 * Whether a piece is fenced before a model reads it: what strangers, pages and files said is, the model's own earlier
 * words are not (they carry their sources in their label all the same).
 */
export function needsFence(origin: Origin): boolean {
  return origin.kind !== "model" && !isTrusted(origin);
}

/** Whether a text, be it the model's own, may repeat word for word what strangers, pages or files said. */
export function mayQuoteStrangers(origin: Origin): boolean {
  return needsFence(origin) || (origin.from ?? []).some((kind) => needsFence({ kind }));
}
