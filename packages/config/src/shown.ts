import { lookupKey } from "./key-path.ts";
import { childOf, isRecord } from "./record.ts";
import { type RedactionShape, redact, redactTree } from "./redaction/index.ts";
import { Secret } from "./secret.ts";
import type { ConfigSnapshot } from "./types.ts";

/**
 * The effective configuration for people: the file's values (unknown keys too) over every default, redacted; a text
 * with placeholders as it is written. `show` is what `config show` prints, `api` what HTTP and tools get (config.md
 * §10, §11.5).
 */
export function shownConfig(
  { config, resolved, shown, secrets }: Pick<ConfigSnapshot, "config" | "resolved" | "shown" | "secrets">,
  shape: RedactionShape,
): unknown {
  return redactTree(over({ typed: config, resolved, shown }), secrets, shape);
}

/** What the file itself says, for people: as it is written, and with its includes merged; both redacted. */
export function shownFile({ parsed, shown, secrets }: Pick<ConfigSnapshot, "parsed" | "shown" | "secrets">): {
  readonly parsed: unknown;
  readonly config: unknown;
} {
  return { parsed: redactTree(parsed, secrets), config: redactTree(shown, secrets) };
}

/** One value of {@link shownFile}'s `config`, redacted by the name of any key on its way too; null if it is not there. */
export function shownKey(
  { shown, secrets }: Pick<ConfigSnapshot, "shown" | "secrets">,
  key: string,
): unknown {
  const value = redactTree(lookupKey(shown, key) ?? null, secrets);
  const names = key.split(/[.[\]]+/).filter((name) => name !== "");
  const whole = redact(names.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value));
  return names.reduce((node, name) => (isRecord(node) ? childOf(node, name) : node), whole);
}

interface Views {
  readonly typed: unknown;
  readonly resolved: unknown;
  readonly shown: unknown;
}

/**
 * The typed value where the schema has one: it has the defaults, and the stand-ins for wrong values. But a text that
 * is shown otherwise than it is resolved is never shown typed.
 */
function over({ typed, resolved, shown }: Views): unknown {
  if (typed === undefined) return shown;
  if (typed instanceof Secret) return typed;
  if (isRecord(typed) && isRecord(resolved) && isRecord(shown)) {
    const names = new Set([...Object.keys(typed), ...Object.keys(shown)]);
    return Object.fromEntries(
      [...names].map((name) => [
        name,
        over({ typed: childOf(typed, name), resolved: childOf(resolved, name), shown: childOf(shown, name) }),
      ]),
    );
  }
  if (!Bun.deepEquals(resolved, shown, true)) return overDifferent({ typed, resolved, shown });
  return typed;
}

/** A list that lost wrong entries does not tell any more which is which. */
function overDifferent({ typed, resolved, shown }: Views): unknown {
  if (!Array.isArray(typed) || !Array.isArray(resolved) || !Array.isArray(shown)) return shown;
  if (typed.length !== shown.length) return shown;
  return typed.map((item, index) => over({ typed: item, resolved: resolved[index], shown: shown[index] }));
}
