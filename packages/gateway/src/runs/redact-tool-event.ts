import type { TurnEvent } from "@carapace/agent";
import { createRedactor, redact } from "@carapace/config/redaction";

type ToolEvent = Extract<TurnEvent, { kind: "tool_use" | "tool_use_cancelled" | "tool_result" }>;

/**
 * What a tool was given and what it answered, as whoever watches the run may see it: without known secrets and what
 * looks like one, as in the reply's text; in the input also without what stands under a secret's name. The model and
 * the tool themselves work with the real texts. Ids stay, as results go by them.
 * @param known Secrets this gateway holds.
 */
export function redactToolEvent<E extends ToolEvent>(event: E, known: readonly string[]): E {
  const clean = createRedactor(known);
  const named = { ...event, name: clean(event.name) };
  if (named.kind === "tool_use") return { ...named, input: redactToolInput(named.input, clean) };
  return named.kind === "tool_result" ? { ...named, result: clean(named.result) } : named;
}

/** @param clean takes secrets out of one text */
export function redactToolInput(input: unknown, clean: (text: string) => string): unknown {
  return withTexts(redact(input), clean);
}

function withTexts(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === "string") return clean(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, clean));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [clean(name), withTexts(inner, clean)]),
  );
}
