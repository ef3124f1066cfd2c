import { type FileMacs, parseSidecar } from "../crypto/sidecar.ts";
import { maxBytes } from "../paths.ts";
import type { SidecarResult } from "../types.ts";
import type { SourceFiles } from "./files.ts";
import type { SessionCrypto } from "./session-crypto.ts";

/** What a sidecar says of its file, and whether that proves that nobody else wrote it. */
export interface SidecarCheck {
  readonly result: SidecarResult;
  readonly isProof: boolean;
}

/**
 * What the sidecar of a file says of it (state.md §3.9, §3.10): a pending one that fits counts where the other does not,
 * for its program died between two steps of a write.
 */
export async function checkSidecar(
  files: SourceFiles,
  path: string,
  { macs, crypto }: { readonly macs: FileMacs; readonly crypto: SessionCrypto },
): Promise<SidecarCheck> {
  const committed = `${path}.hmac`;
  const pending = `${path}.hmac.tmp`;
  const none = (result: SidecarResult): SidecarCheck => ({ result, isProof: false });
  if (!files.has(committed) && !files.has(pending)) return none("missing");
  if (crypto.sidecarKeys.length === 0) return none("unchecked");
  for (const [file, result] of [
    [committed, "valid"],
    [pending, "promoted"],
  ] as const) {
    const key = macs.find(await macIn(files, file));
    if (key >= 0) return { result, isProof: key < crypto.provingKeys };
  }
  return none(files.has(committed) ? "mismatch" : "missing");
}

async function macIn(files: SourceFiles, path: string): Promise<Uint8Array | undefined> {
  if (!files.has(path) || files.refusal(path, maxBytes.sidecar, "sessions") !== undefined) return undefined;
  const file = await files.whole(path, maxBytes.sidecar);
  return file === undefined ? undefined : parseSidecar(file.text);
}
