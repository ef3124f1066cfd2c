import type { Block, Json, Origin } from "@carapace/protocol";
import type { Message } from "@carapace/state";

/** Builds the messages of a history for pure tests: ids `m1`, `m2`, …, seq from 1. */
export function historyOf(...parts: readonly Pick<Message, "role" | "blocks" | "metadata">[]): Message[] {
  return parts.map((part, index) => ({
    ...part,
    id: `m${index + 1}`,
    seq: index + 1,
    sessionId: "s1",
    createdAtMs: 1000 + index,
  }));
}

type Part = Pick<Message, "role" | "blocks" | "metadata">;

export function said(text: string, origin: Origin = { kind: "owner" }): Part {
  return { role: "user", blocks: [{ type: "text", text, origin }] };
}

export function replied(text: string, ...calls: readonly Block[]): Part {
  const spoken: Block[] = text === "" ? [] : [{ type: "text", text, origin: { kind: "model" } }];
  return { role: "assistant", blocks: [...spoken, ...calls] };
}

export function calls(id: string, name = "read_it", input: Json = {}): Block {
  return { type: "tool_use", id, name, input };
}

export function gave(toolUseId: string, content: string, origin: Origin = { kind: "tool" }): Part {
  return {
    role: "tool",
    blocks: [{ type: "tool_result", toolUseId, name: "read_it", content, isError: false, origin }],
  };
}
