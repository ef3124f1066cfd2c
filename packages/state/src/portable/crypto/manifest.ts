import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { parseJson } from "../../database/stored.ts";
import type { SessionKeys } from "./keys.ts";

const saltBytes = 16;

/** The only parameters there ever were; others are refused, for they could ask for any amount of memory. */
const parameters = { kdf: "argon2id-v2", memory_kib: 65_536, iterations: 3, lanes: 1 } as const;

const Stored = z.object({
  version: z.literal(1),
  kdf: z.literal(parameters.kdf),
  root_salt: z.base64(),
  memory_kib: z.literal(parameters.memory_kib),
  iterations: z.literal(parameters.iterations),
  lanes: z.literal(parameters.lanes),
  integrity: z.base64().optional(),
});

/** How the keys of a directory's encrypted sessions are made (state.md §3.8). */
export interface Manifest {
  /** 16 bytes. */
  readonly salt: Uint8Array;
  /** Missing in files of early versions. */
  readonly tag?: Uint8Array;
}

/** @returns undefined if it is none that is known. */
export function parseManifest(text: string): Manifest | undefined {
  const parsed = Stored.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const salt = Buffer.from(parsed.data.root_salt, "base64");
  if (salt.length !== saltBytes) return undefined;
  const { integrity } = parsed.data;
  return { salt, ...(integrity === undefined ? {} : { tag: Buffer.from(integrity, "base64") }) };
}

function fields(salt: Uint8Array) {
  const { kdf, memory_kib, iterations, lanes } = parameters;
  return { version: 1, kdf, root_salt: Buffer.from(salt).toString("base64"), memory_kib, iterations, lanes };
}

/** Over the compact JSON of everything else, in the order of the table. */
export function manifestTag(keys: SessionKeys, salt: Uint8Array): Uint8Array {
  return createHmac("sha256", keys.manifest)
    .update(JSON.stringify(fields(salt)))
    .digest();
}

/** `untagged`: an artifact that opens must prove the keys instead. */
export function checkManifest(keys: SessionKeys, { salt, tag }: Manifest): "valid" | "invalid" | "untagged" {
  if (tag === undefined) return "untagged";
  const expected = manifestTag(keys, salt);
  return tag.length === expected.length && timingSafeEqual(tag, expected) ? "valid" : "invalid";
}

/** The file's text, with its tag. */
export function writeManifest(keys: SessionKeys, salt: Uint8Array): string {
  const integrity = Buffer.from(manifestTag(keys, salt)).toString("base64");
  return JSON.stringify({ ...fields(salt), integrity }, undefined, 2);
}
