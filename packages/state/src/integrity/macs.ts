import { timingSafeEqual } from "node:crypto";
import type { StateKeys } from "../keys/derive.ts";
import { canonical, type Field } from "./canonical.ts";

/** Keyed MACs (HMAC-SHA256, 32 bytes) over records and text. */
export interface Macs {
  /** Over a record's fields; `kind` keeps records of different tables apart. */
  record(kind: string, fields: readonly Field[]): Uint8Array;
  /** Over a message's text. */
  content(text: string): Uint8Array;
}

export function createMacs(keys: Pick<StateKeys, "record" | "content">): Macs {
  return {
    record: (kind, fields) =>
      new Bun.CryptoHasher("sha256", keys.record).update(canonical([kind, ...fields])).digest(),
    content: (text) => new Bun.CryptoHasher("sha256", keys.content).update(text).digest(),
  };
}

/** Compares two MACs in constant time; different lengths are different. */
export function sameMac(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && a.length === b.length && timingSafeEqual(a, b);
}

/** A MAC as text, for seals. */
export function macText(mac: Uint8Array): string {
  return Buffer.from(mac).toString("base64url");
}
