/**
 * What a vendor's reason for ending a reply comes to, unless it simply ended. `content_filter`: it refused, whatever was
 * said before. `declined`, `broken_off`: it took the rest back, for its rules or for reasons it does not tell; what was
 * said stays. `malformed`: it could not write its own calls.
 */
export type Outcome =
  | "max_tokens"
  | "content_filter"
  | "context_overflow"
  | "declined"
  | "broken_off"
  | "malformed";

const outcomes: ReadonlyMap<string, Outcome> = new Map([
  // Anthropic and OpenAI (agent.md §4.3, §4.4), of which Bedrock uses some.
  ["max_tokens", "max_tokens"],
  ["length", "max_tokens"],
  ["refusal", "content_filter"],
  ["content_filter", "content_filter"],
  ["model_context_window_exceeded", "context_overflow"],
  // Google (§4.5).
  ["MAX_TOKENS", "max_tokens"],
  ...each("malformed", ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"]),
  ...each("declined", [
    ...["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR"],
    ...["IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"],
  ]),
  ...each("broken_off", ["LANGUAGE", "OTHER", "IMAGE_OTHER", "NO_IMAGE"]),
  ["PROMPT_BLOCKED", "content_filter"],
  // Bedrock (§4.6).
  ...each("declined", ["guardrail_intervened", "content_filtered"]),
  ...each("malformed", ["malformed_model_output", "malformed_tool_use"]),
]);

function each(outcome: Outcome, reasons: readonly string[]): [string, Outcome][] {
  return reasons.map((reason) => [reason, outcome]);
}

/** @returns undefined for a reply that ended by itself, and for reasons nobody knows (agent.md §4.3–4.6). */
export function outcomeOf(reason: string): Outcome | undefined {
  return outcomes.get(reason);
}
