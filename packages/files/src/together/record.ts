import { basename, isAbsolute } from "node:path";
import { readPrivate } from "../reading/read.ts";
import { type FileRefusal, type FileResult, refuseFile } from "../refusal.ts";
import { isInside, recordPath } from "./paths.ts";

/** One decided step: what stands at `from` takes the place of `to`, or `to` goes away. */
export interface Decision {
  /** Below the directory, with `/`; or the absolute path of a file outside of it. */
  readonly to: string;
  /** Below the staging folder; for a file outside, the name of its draft in the same folder. Undefined: `to` is removed. */
  readonly from?: string;
}

const maxBytes = 4_194_304;
const version = 1;

export function encodeRecord(decisions: readonly Decision[]): Uint8Array {
  return Buffer.from(`${JSON.stringify({ version, decisions })}\n`);
}

/** Reads what was decided. @returns undefined if nothing is; a refusal for anything this program did not write */
export function readRecord(
  dir: string,
  outside: readonly string[],
): FileResult<readonly Decision[] | undefined> {
  const path = recordPath(dir);
  const read = readPrivate(path, { maxBytes, mode: "refuse" });
  if (!read.ok || read.value === undefined) return read.ok ? { ok: true, value: undefined } : read;
  const decisions = parse(read.value);
  if (decisions === undefined) return refuseRecord(path);
  const strange = decisions.find(({ to }) => isAbsolute(to) && !outside.includes(to));
  if (strange !== undefined) return unknownFile(path, strange.to);
  const isSafe = decisions.every(isSafeDecision) && areApart(decisions.map(({ to }) => to));
  return isSafe ? { ok: true, value: decisions } : refuseRecord(path);
}

/** True if a step leads nowhere but where this program puts things. */
export function isSafeDecision({ to, from }: Decision): boolean {
  if (!isAbsolute(to)) return isInside(to) && (from === undefined || isInside(from));
  return from?.startsWith(`${basename(to)}.together.tmp.`) === true && !from.includes("/") && isInside(from);
}

/** True if no path is another one or lies below it. */
export function areApart(paths: readonly string[]): boolean {
  const sorted = paths.map((path) => `${path}/`).sort();
  return sorted.every((path, at) => at === 0 || !path.startsWith(sorted[at - 1] ?? path));
}

function parse(bytes: Uint8Array): Decision[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (!("version" in value) || value.version !== version || !("decisions" in value)) return undefined;
  if (!Array.isArray(value.decisions)) return undefined;
  const decisions = value.decisions.map(parseDecision);
  return decisions.every((decision) => decision !== undefined) ? decisions : undefined;
}

function parseDecision(value: unknown): Decision | undefined {
  if (typeof value !== "object" || value === null || !("to" in value)) return undefined;
  if (typeof value.to !== "string") return undefined;
  if (!("from" in value)) return { to: value.to };
  return typeof value.from === "string" ? { to: value.to, from: value.from } : undefined;
}

function refuseRecord(path: string): FileRefusal {
  const why = "does not hold a change that this program decided";
  const advice = "restore a backup of its folder, or put the right file back";
  return { ...refuseFile(path, "kind", why), say: `${path} ${why}: ${advice}.`, advice };
}

function unknownFile(path: string, file: string): FileRefusal {
  const why = `belongs to a change that was interrupted, and that goes on in ${file}`;
  const advice = "run the command again with that file as the configuration (CARAPACE_CONFIG_PATH)";
  return { ...refuseFile(path, "kind", why), say: `${path} ${why}: ${advice}.`, advice };
}
