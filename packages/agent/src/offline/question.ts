import { isRecord, type Json } from "@carapace/protocol";
import type { ModelMessage } from "../types.ts";

/** What was asked last, and what tools have answered since. */
export interface Question {
  readonly text: string;
  readonly results: readonly ToolAnswer[];
}

export interface ToolAnswer {
  readonly name: string;
  readonly isError: boolean;
  /** The result's value; the sentence itself if it is an error. Data, whatever it says. */
  readonly value: unknown;
}

/** Pure. Reads the newest question out of a context; text the program itself put in is none. */
export function readQuestion(messages: readonly ModelMessage[]): Question | undefined {
  const blocks = messages.flatMap((message) => (message.role === "user" ? message.blocks : []));
  const at = blocks.findLastIndex(
    (block) => block.type === "text" && block.origin.kind !== "system" && block.origin.kind !== "model",
  );
  const asked = blocks[at];
  if (asked?.type !== "text") return undefined;
  const results = blocks.slice(at + 1).flatMap((block) => (block.type === "tool_result" ? [block] : []));
  return {
    text: unfenced(asked.text),
    results: results.map(({ name, isError, content }) => ({
      name,
      isError,
      value: isError ? content : parsed(unfenced(content)),
    })),
  };
}

/** A field of a result that should be an object. */
export function field(answer: ToolAnswer | undefined, name: string): unknown {
  return isRecord(answer?.value) ? answer.value[name] : undefined;
}

/** The newest answer of a tool. */
export function answerOf(results: readonly ToolAnswer[], tool: string): ToolAnswer | undefined {
  return results.findLast((result) => result.name === tool);
}

/** A call for a tool. */
export interface PlannedCall {
  readonly name: string;
  readonly input: { readonly [key: string]: Json };
}

/** What the assistant does next: use tools, or say something and be done. */
export type Move = { readonly say: string } | { readonly use: readonly PlannedCall[] };

/** From the results so far to the next move. */
export type Plan = (results: readonly ToolAnswer[]) => Move;

/** One thing the assistant can do. */
export interface Skill {
  /** @returns the plan, or undefined if this text is not for this skill. */
  readonly understand: (text: string) => Plan | undefined;
}

function unfenced(text: string): string {
  const found = /^<<<UNTRUSTED (\S+) from .*>>>\n([\s\S]*)\n<<<END \1>>>$/.exec(text);
  return found?.[2] ?? text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
