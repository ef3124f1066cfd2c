import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { readText } from "../../input/read-text.ts";

/** The largest body and the most headers that a call is tried with. */
export const maxBytes = 1_048_576;

/** Reads `name=value` or `name: value`, one a line. */
export async function readHeaders(given: string | undefined): Promise<Result<Record<string, string>>> {
  const text = await readText(given ?? "", { option: "--header", maxBytes });
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
