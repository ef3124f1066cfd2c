import { exceedsDepth } from "@carapace/protocol";

export type JsonOutcome =
  | { readonly ok: true; readonly value: unknown }
  /** In words that may be told to the caller; nothing of the text is in them. */
  | { readonly ok: false; readonly say: string };

/** Deepest nesting of a body, the outermost value counted (http.md §3.2). */
const usualMaxDepth = 32;

/**
 * Reads a body's JSON. Its depth is counted before it is parsed: a megabyte of brackets takes hundreds of megabytes to
 * parse. Never throws.
 */
export function readJson(text: string, { maxDepth = usualMaxDepth } = {}): JsonOutcome {
  if (exceedsDepth(text, maxDepth)) {
    return { ok: false, say: `Invalid JSON: nested deeper than ${maxDepth} levels` };
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return {
      ok: false,
      say: text.trim() === "" ? "Invalid JSON: the body is empty" : "Invalid JSON: not JSON",
    };
  }
}
