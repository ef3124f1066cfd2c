import { isRecord } from "../record.ts";
import { isPublicName, type RedactionShape, redact } from "./names.ts";
import { createRedactor, createStrictRedactor } from "./text.ts";

/**
 * {@link redact}, and every text that is left without the known secrets too: one may stand under a harmless name, or be
 * a name itself.
 * @param known see `redactText`
 */
export function redactTree(value: unknown, known: readonly string[], shape: RedactionShape = "api"): unknown {
  return withTexts(redact(value, shape), {
    usual: createStrictRedactor(known),
    public: createRedactor(known),
  });
}

interface Redactors {
  readonly usual: (text: string) => string;
  /** For values that are random and public. */
  readonly public: (text: string) => string;
}

function withTexts(value: unknown, clean: Redactors): unknown {
  if (typeof value === "string") return clean.usual(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, clean));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      clean.usual(name),
      withTexts(inner, isPublicName(name) ? { ...clean, usual: clean.public } : clean),
    ]),
  );
}
