import { readFileSync, statSync } from "node:fs";
import { ok, type Result, refuse } from "@carapace/protocol/failures";

const maxBytes = 1_048_576;

/** Reads what an option names: the text itself, `@file`, or `-` for standard input. */
export async function readText(given: string, option: string): Promise<Result<string>> {
  const text =
    given === "-" ? ok(await Bun.stdin.text()) : given.startsWith("@") ? readFile(given.slice(1)) : ok(given);
  if (!text.ok || Buffer.byteLength(text.value) <= maxBytes) return text;
  return refuse("invalid_request", `${option} is larger than 1 MiB`);
}

function readFile(path: string): Result<string> {
  try {
    if (!statSync(path).isFile()) return refuse("invalid_request", `${path} is not a file`);
    if (statSync(path).size > maxBytes) return refuse("invalid_request", `${path} is larger than 1 MiB`);
    return ok(readFileSync(path, "utf8"));
  } catch (fault) {
    const code = fault instanceof Error && "code" in fault ? String(fault.code) : "unknown error";
    return refuse("not_found", `${path} cannot be read (${code})`);
  }
}

/** Reads `name=value` or `name: value`, one a line. */
export async function readHeaders(given: string | undefined): Promise<Result<Record<string, string>>> {
  const text = await readText(given ?? "", "--header");
  if (!text.ok) return text;
  const headers: Record<string, string> = {};
  for (const line of text.value.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const [, name, value = ""] = /^\s*([!#$%&'*+.^`|~\w-]+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined)
      return refuse("invalid_request", "--header must be name=value, such as x-github-event=push");
    headers[name.toLowerCase()] = value;
  }
  return ok(headers);
}
