import { readFileSync } from "node:fs";
import { join } from "node:path";

const checkout = join(import.meta.dir, "..", "..", "..", "..");
const commitId = /^[0-9a-f]{40}$/;

/** The short id of the commit this program runs from; `unknown` outside a Git checkout. */
export function gitCommit(folder: string = join(checkout, ".git")): string {
  const head = read(join(folder, "HEAD"));
  const branch = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
  const id =
    branch === undefined
      ? head
      : read(join(folder, branch)) || packedId(read(join(folder, "packed-refs")), branch);
  return commitId.test(id) ? id.slice(0, 7) : "unknown";
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
