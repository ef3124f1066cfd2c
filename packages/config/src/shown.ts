import { isRecord } from "./record.ts";
import { type RedactionShape, redact } from "./redaction/index.ts";
import { Secret } from "./secret.ts";
import type { ConfigSnapshot } from "./types.ts";

/**
 * The effective configuration for people: the file's values (unknown keys too) over every default, redacted. `show` is
 * what `config show` prints, `api` what HTTP and tools get (config.md §10, §11.5).
 */
export function shownConfig(
  snapshot: Pick<ConfigSnapshot, "config" | "resolved">,
  shape: RedactionShape,
): unknown {
  return redact(over(snapshot.config, snapshot.resolved), shape);
}

/** The typed value where the schema has one: it has the defaults, and the stand-ins for wrong values. */
function over(typed: unknown, written: unknown): unknown {
  if (typed === undefined) return written;
  if (!isRecord(typed) || !isRecord(written) || typed instanceof Secret) return typed;
  const names = new Set([...Object.keys(typed), ...Object.keys(written)]);
  return Object.fromEntries([...names].map((name) => [name, over(typed[name], written[name])]));
}
