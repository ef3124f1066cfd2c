import { createHmac, type Hmac, timingSafeEqual } from "node:crypto";

const line = /^(?:v1:)?([0-9a-f]{64})$/i;

/** The MAC a sidecar holds: `v1:` and 64 hex characters, or these alone (state.md §3.9); undefined if it is none. */
export function parseSidecar(text: string): Uint8Array | undefined {
  const hex = line.exec(text.trim())?.[1];
  return hex === undefined ? undefined : Buffer.from(hex, "hex");
}

/** The size of a sidecar that this program writes. */
export const sidecarBytes = 67;

export function writeSidecar(mac: Uint8Array): string {
  return `v1:${Buffer.from(mac).toString("hex")}`;
}

/** MACs of one file under every key that may have been used, computed while it streams by. */
export class FileMacs {
  readonly #macs: readonly Hmac[];
  #done: readonly Uint8Array[] | undefined;

  constructor(keys: readonly Uint8Array[]) {
    this.#macs = keys.map((key) => createHmac("sha256", key));
  }

  update(bytes: Uint8Array): void {
    for (const mac of this.#macs) mac.update(bytes);
  }

  /** Under the first key. @returns undefined without one */
  first(): Uint8Array | undefined {
    return this.#digests()[0];
  }

  /** The place of the key under which a sidecar's MAC is that of the file, -1 if there is none; once all was given. */
  find(mac: Uint8Array | undefined): number {
    if (mac === undefined) return -1;
    return this.#digests().findIndex((own) => own.length === mac.length && timingSafeEqual(own, mac));
  }

  #digests(): readonly Uint8Array[] {
    this.#done ??= this.#macs.map((mac) => mac.digest());
    return this.#done;
  }
}
