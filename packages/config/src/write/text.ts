import type { Json, JsonObject } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { parseJson5 } from "../json5/parse.ts";
import { isJsonObject } from "../load/merge.ts";
import { editsBetween } from "./merge-patch.ts";

/** Edits of one write times the text's length, above which placing each of them would take seconds. */
const maxWork = 40_000_000;

/** A tree as the reference writes it: two spaces, keys in byte order, a newline at the end (config.md §2). */
export function plainText(tree: JsonObject): string {
  return `${JSON.stringify(sorted(tree), null, 2)}\n`;
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const names = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return Object.fromEntries(names.map((name) => [name, sorted(value[name] ?? null)]));
}

/**
 * The text of a file after its tree changed: comments and layout stay. What comes out is read again and must be the
 * wanted tree; else a file without comments is written plainly, and one with comments is refused.
 */
export async function editedText(
  text: string,
  before: JsonObject,
  after: JsonObject,
): Promise<Result<string>> {
  const edits = editsBetween(before, after);
  if (edits.length === 0) return ok(text);
  if (edits.length * text.length <= maxWork) {
    const edited = await tryEdits(text, edits);
    const parsed = edited === undefined ? undefined : parseJson5(edited);
    if (edited !== undefined && parsed?.ok && Bun.deepEquals(parsed.value, after, true)) return ok(edited);
  }
  if (!hasComments(text)) return ok(plainText(after));
  return refuse("conflict", "the file's comments cannot be kept with this change; make it in an editor");
}

async function tryEdits(text: string, edits: ReturnType<typeof editsBetween>): Promise<string | undefined> {
  const { editJson5 } = await import("../json5/edit.ts");
  try {
    return editJson5(text, edits);
  } catch {
    // The parser with positions is a little stricter than the one that reads; the caller falls back.
    return undefined;
  }
}

/** Whether a comment may stand in a text; a `//` in a string counts too, which only makes us careful. */
function hasComments(text: string): boolean {
  return text.includes("//") || text.includes("/*");
}
