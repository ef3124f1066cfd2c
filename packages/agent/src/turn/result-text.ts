import type { Json } from "@carapace/protocol";
import { cutBytes } from "../sanitize/redact.ts";

/** The most of a tool's result that is stored and shown to the model (agent.md §7.5 *Fix*), the note included. */
export const maxResultBytes = 64 * 1024;

/** A result as the model reads it: JSON text for a value, the sentence itself for an error. */
export function resultText(value: Json, isError: boolean): string {
  const text = isError && typeof value === "string" ? value : JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxResultBytes) return text;
  const note = `\n[Cut: the whole result has ${bytes} bytes. Ask for less at a time.]`;
  return cutBytes(text, maxResultBytes - Buffer.byteLength(note)) + note;
}
