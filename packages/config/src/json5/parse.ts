import type { Json } from "@carapace/protocol";
import { scanBrackets } from "./scan.ts";

/** Deepest nesting of objects and arrays. The reference opens secrets down to 64. */
export const maxDepth = 64;

/** A text that is not JSON5, or not for us; `offset` is an index into the text, absent if only the parser knows. */
interface SyntaxFault {
  readonly say: string;
  readonly offset?: number;
}

export type Parsed =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly fault: SyntaxFault };

/**
 * Parses JSON5 (config.md §2). Numbers that are not finite become null, as they do in the reference. The key
 * `__proto__` is refused: no honest file has it.
 */
export function parseJson5(text: string): Parsed {
  if (isBlank(text)) return { ok: false, fault: { say: "the text is empty; write {} for no settings" } };
  const fault = scanBrackets(text, maxDepth);
  if (fault) return { ok: false, fault };
  let value: unknown;
  try {
    value = Bun.JSON5.parse(text);
  } catch (error) {
    const say = error instanceof Error ? error.message.replace(/^JSON5 Parse error: /, "") : "not JSON5";
    return { ok: false, fault: { say } };
  }
  const found: { proto: boolean } = { proto: false };
  const clean = cleaned(value, found);
  if (found.proto) return { ok: false, fault: { say: "the key __proto__ is not allowed; remove it" } };
  return { ok: true, value: clean };
}

/** The mark at the start of some editors' files is nothing either. */
function isBlank(text: string): boolean {
  return text.replace(/^\uFEFF/, "").trim() === "";
}

function cleaned(value: unknown, found: { proto: boolean }): Json {
  if (Array.isArray(value)) return value.map((item) => cleaned(item, found));
  if (typeof value === "object" && value !== null) {
    const copy: Record<string, Json> = {};
    for (const [name, inner] of Object.entries(value)) {
      if (name === "__proto__") found.proto = true;
      else copy[name] = cleaned(inner, found);
    }
    return copy;
  }
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  return typeof value === "string" || typeof value === "boolean" ? value : null;
}
