/** Names of variables and their values, in the file's order. */
export type Variables = ReadonlyMap<string, string>;

/**
 * Reads the lines `NAME=value` of a `.env` file (cli.md §3.11): one pair of quotes around a value is removed, empty values
 * and lines with `#` in front are left out. `export` in front of a name, and a comment behind a value without quotes
 * (a blank and `#`), are dropped. Nothing is expanded, nothing runs. The first line of a name counts. Pure.
 */
export function parseDotenv(text: string): Variables {
  const found = new Map<string, string>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/.exec(line);
    const [, name = "", rest = ""] = match ?? [];
    const value = unquoted(rest.trim());
    if (match !== null && value !== "" && !found.has(name)) found.set(name, value);
  }
  return found;
}

function unquoted(text: string): string {
  const quoted = /^(["'])(.*?)\1(?:\s+#.*)?$/.exec(text);
  if (quoted) return quoted[2] ?? "";
  return text.replace(/(^|\s)#.*$/, "").trim();
}
