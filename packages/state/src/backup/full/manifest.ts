import { z } from "zod";
import { refusedArchive } from "../tar/refusal.ts";

/** What stands where in a full archive; every path is below `full/`. */
export const places = {
  manifest: "full/manifest.json",
  key: "full/key",
  database: "full/state.db",
  credentials: "full/credentials.json",
  /** The configuration file and what it includes from its own folder, by their paths there. */
  config: "full/config/",
  /** Everything else of the state directory, by its path there. */
  files: "full/files/",
} as const;

/** The newest form of a full archive this program knows. */
const version = 1;

const Manifest = z.strictObject({
  version: z.literal(version),
  /** Of the program that made it. */
  program: z.string().max(64),
  /** The name of the configuration file below `full/config/`; absent without one. */
  config: z.string().min(1).max(255).optional(),
  hasDatabase: z.boolean(),
});
export type Manifest = Omit<z.infer<typeof Manifest>, "version">;

export function encodeManifest(manifest: Manifest): Uint8Array {
  return Buffer.from(`${JSON.stringify({ version, ...manifest }, null, 2)}\n`);
}

/** @throws StateError `bad_archive` */
export function readManifest(bytes: Uint8Array): Manifest {
  const parsed = Manifest.safeParse(json(bytes));
  if (parsed.success) return parsed.data;
  throw refusedArchive("has a description that this version does not understand (update, then try again)");
}

const Credentials = z.record(z.string().min(1).max(64), z.string().max(65_536));

/** Accounts of the credential store and what they hold. @throws StateError `bad_archive` */
export function readCredentials(bytes: Uint8Array): Readonly<Record<string, string>> {
  const parsed = Credentials.safeParse(json(bytes));
  if (parsed.success) return parsed.data;
  throw refusedArchive("has credentials that cannot be read");
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
