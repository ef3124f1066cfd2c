import type { Json, JsonObject } from "@carapace/protocol";
import { envelopeKind } from "@carapace/secrets/envelope-kind";
import type { Path } from "../json5/locate.ts";
import { isJsonObject } from "../load/merge.ts";
import { placeholders, startSubstitution, substituteText } from "../load/substitute.ts";
import { type PlacedText, textsIn, valueAt } from "../record.ts";
import { isSecretName } from "../redaction/index.ts";
import type { Pattern } from "../schema/guarded.ts";
import { pathsAt } from "../write/patterns.ts";

/**
 * The secrets of a file that can be sealed: plain texts at the schema's secret keys, secrets of plugins by their names,
 * and addresses with a password in them (config.md §11.3 and its gaps; the reference opens them all, for it opens any
 * text of the tree). A text that refers to a variable is none: the secret is in the variable, and sealed it would be
 * taken for the text itself.
 * @param secret the schema's secret keys
 */
export function secretTexts(tree: JsonObject, secret: readonly Pattern[]): PlacedText[] {
  const found = new Map<string, PlacedText>();
  for (const path of [...secret.flatMap((pattern) => pathsAt(tree, pattern)), ...beyondSchema(tree)]) {
    const text = valueAt(tree, path);
    if (typeof text === "string" && isPlainSecret(text)) found.set(JSON.stringify(path), { path, text });
  }
  return [...found.values()];
}

function isPlainSecret(text: string): boolean {
  return text.trim() !== "" && envelopeKind(text) === "none" && placeholders(text).length === 0;
}

function beyondSchema(tree: JsonObject): Path[] {
  const { env: _env, ...rest } = tree;
  const addresses = textsIn(rest).filter(({ text }) => hasPassword(text));
  return [...addresses.map(({ path }) => path), ...ofPlugins(tree["plugins"])];
}

/** `scheme://user:password@host`, as far as it matters here. */
function hasPassword(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@:]*:[^\s/?#@]+@/i.test(text);
}

/** Names under `plugins` that are ours; all others are plugins (config.md §13.5). */
const ours = ["enabled", "entries", "load", "permissions", "sandbox", "signature"];

function ofPlugins(plugins: Json | undefined): Path[] {
  if (!isJsonObject(plugins)) return [];
  const settings = Object.entries(plugins).filter(([name]) => !ours.includes(name));
  return settings
    .flatMap(([name, value]) => textsIn(value, ["plugins", name]))
    .map(({ path }) => path)
    .filter((path) => path.slice(2).some((step) => typeof step === "string" && isSecretName(step)));
}

/** What a text without placeholders means: `$${X}` stands for `${X}`. Sealed, it would be taken as it is. */
export function meaningOf(text: string): string {
  return (
    substituteText(
      text,
      [],
      startSubstitution(() => undefined),
    ) ?? text
  );
}

/**
 * Why a text at a secret key is most likely a slip (config.md §11.4): a placeholder that does not end, or one whose
 * name is written otherwise than the variable's.
 * @param isVariable whether a name is one that would be meant
 */
export function slipIn(text: string, isVariable: (name: string) => boolean): string | undefined {
  if (text.lastIndexOf("$" + "{") > text.lastIndexOf("}")) {
    return "a $" + "{ has no } behind it; close it, or set the value through an environment variable";
  }
  for (const [all, name = ""] of text.matchAll(/\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)) {
    const upper = name.toUpperCase();
    if (all.startsWith("$$") || name === upper || !isVariable(upper)) continue;
    return `$\{${name}} is no placeholder, for its letters are not all capitals; write $\{${upper}}`;
  }
  return undefined;
}
