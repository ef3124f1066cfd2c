import { readFileSync, statSync } from "node:fs";
import { ok, type Result, refuse } from "@carapace/protocol/failures";

/** What an option takes. */
export interface TextLimits {
  /** As it is typed: `--payload`. */
  readonly option: string;
  readonly maxBytes: number;
}

/** Reads what an option names: the text itself, `@file`, or `-` for standard input. */
export async function readText(given: string, { option, maxBytes }: TextLimits): Promise<Result<string>> {
  if (given === "-") return checked(await Bun.stdin.text(), "standard input", maxBytes);
  if (!given.startsWith("@")) return checked(given, option, maxBytes);
  const path = given.slice(1);
  try {
    const facts = statSync(path);
    if (!facts.isFile()) return refuse("invalid_request", `${path} is not a file`);
    if (facts.size > maxBytes) return tooLarge(path, maxBytes);
    return checked(readFileSync(path, "utf8"), path, maxBytes);
  } catch (fault) {
    const code = fault instanceof Error && "code" in fault ? String(fault.code) : "unknown error";
    return refuse("not_found", `${path} cannot be read (${code})`);
  }
}

function checked(text: string, where: string, maxBytes: number): Result<string> {
  return Buffer.byteLength(text) > maxBytes ? tooLarge(where, maxBytes) : ok(text);
}

function tooLarge(where: string, maxBytes: number): Result<string> {
  return refuse("invalid_request", `${where} is larger than ${maxBytes / 1024} KiB`);
}
