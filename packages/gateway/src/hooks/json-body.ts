import { exceedsDepth, isJson, type Json } from "@carapace/protocol";

/** A body as JSON, or what is wrong with it, beginning with `SyntaxError: ` as callers know it (http.md §8). */
export type ReadBody =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly error: string };

/**
 * Reads the body of a hook; an empty one is `{}`. Looks at its depth first, so that a deep one is never parsed.
 * @param maxDepth deepest nesting; the root counts as 1
 */
export function readJsonBody(bytes: Uint8Array, maxDepth: number): ReadBody {
  const text = decode(bytes);
  if (text === undefined) return wrong("the body is not UTF-8 text");
  if (text.trim() === "") return { ok: true, value: {} };
  if (exceedsDepth(text, maxDepth)) return wrong(`the body is nested deeper than ${maxDepth} levels`);
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? { ok: true, value } : wrong("the body holds a number that is too large");
  } catch {
    return wrong("the body is not JSON");
  }
}

/** Deepest nesting of what a mapping takes, the root counted as 1 (http.md §3.2). */
const maxPayloadDepth = 32;

/**
 * The same for mappings: senders that send a form with JSON in its field `payload`, as GitHub does unless told
 * otherwise, are understood, too, and any other form is an object of texts.
 */
export function readPayload(bytes: Uint8Array, contentType: string | null): ReadBody {
  const read = readJsonBody(bytes, maxPayloadDepth);
  const isForm = contentType?.trim().toLowerCase().startsWith("application/x-www-form-urlencoded") ?? false;
  if (read.ok || !isForm) return read;
  const text = decode(bytes);
  if (text === undefined || !text.includes("=")) return read;
  const form = new URLSearchParams(text);
  const payload = form.get("payload");
  if (payload !== null) return readJsonBody(Buffer.from(payload), maxPayloadDepth);
  return { ok: true, value: Object.fromEntries(form) };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function wrong(say: string): ReadBody {
  return { ok: false, error: `SyntaxError: ${say}` };
}
