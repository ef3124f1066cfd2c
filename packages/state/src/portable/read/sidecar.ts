import { type FileMacs, parseSidecar } from "../crypto/sidecar.ts";
import { maxBytes } from "../paths.ts";
import type { SidecarResult } from "../types.ts";
import type { SourceFiles } from "./files.ts";

/**
 * What the sidecar of a file says of it (state.md §3.9, §3.10): a pending one that fits counts where the other does not,
 * for its program died between two steps of a write.
 */
export async function checkSidecar(
  files: SourceFiles,
  path: string,
  { macs, hasKeys }: { readonly macs: FileMacs; readonly hasKeys: boolean },
): Promise<SidecarResult> {
  const committed = `${path}.hmac`;
  const pending = `${path}.hmac.tmp`;
  if (!files.has(committed) && !files.has(pending)) return "missing";
  if (!hasKeys) return "unchecked";
  if (macs.matches(await macIn(files, committed))) return "valid";
  if (macs.matches(await macIn(files, pending))) return "promoted";
  return files.has(committed) ? "mismatch" : "missing";
}

async function macIn(files: SourceFiles, path: string): Promise<Uint8Array | undefined> {
  if (!files.has(path) || files.refusal(path, maxBytes.sidecar, "sessions") !== undefined) return undefined;
  const file = await files.whole(path, maxBytes.sidecar);
  return file === undefined ? undefined : parseSidecar(file.text);
}

/** Whether a sidecar proves that nobody else wrote the file. */
export function isProof(result: SidecarResult | "none"): boolean {
  return result === "valid" || result === "promoted";
}
