import { readFileSync } from "node:fs";
import { join } from "node:path";

const checkout = join(import.meta.dir, "..", "..", "..", "..");
const commitId = /^[0-9a-f]{40}$/;

/** What this program was made from, for people. */
interface Build {
  /** The short id of the commit it runs from. */
  readonly gitCommit: string;
  /** YYYY-MM-DD in UTC: the day this checkout came to that commit, as there is no other build. */
  readonly buildDate: string;
}

/** Reads it from the Git checkout around the program; `unknown` outside of one (cli.md §3.16). */
export function readBuild(folder: string = join(checkout, ".git")): Build {
  const id = headCommit(folder);
  if (!commitId.test(id)) return { gitCommit: "unknown", buildDate: "unknown" };
  return { gitCommit: id.slice(0, 7), buildDate: arrivalOf(id, read(join(folder, "logs", "HEAD"))) };
}

function headCommit(folder: string): string {
  const head = read(join(folder, "HEAD"));
  const branch = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
  if (branch === undefined) return head;
  return read(join(folder, branch)) || packedId(read(join(folder, "packed-refs")), branch);
}

/** @param log lines `<old id> <new id> <who> <Unix seconds> <zone>\t<what>`, the newest last */
function arrivalOf(id: string, log: string): string {
  const [before = ""] = log.slice(log.lastIndexOf("\n") + 1).split("\t");
  const seconds = / (\d{1,11}) [+-]\d{4}$/.exec(before)?.[1];
  if (seconds === undefined || before.split(" ")[1] !== id) return "unknown";
  return new Date(Number(seconds) * 1000).toISOString().slice(0, 10);
}

function packedId(packed: string, branch: string): string {
  const line = packed.split("\n").find((one) => one.endsWith(` ${branch}`));
  return line?.slice(0, 40) ?? "";
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

const platforms: Readonly<Record<string, string>> = { darwin: "macos", win32: "windows" };
const architectures: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** The machine in the words gateways use (http.md §12.1): `linux`, `x86_64`. */
export function machine(
  platform: string,
  arch: string,
): { readonly platform: string; readonly arch: string } {
  return { platform: platforms[platform] ?? platform, arch: architectures[arch] ?? arch };
}
