import { join } from "node:path";
import Database from "libsql";
import { deriveKeys } from "../keys/derive.ts";
import type { KeyStore } from "../types.ts";

/** The closed database as an attacker who got hold of its page key sees it: no check, no MAC keys. */
export async function rawDatabase(dir: string, keys: KeyStore): Promise<Database.Database> {
  const root = await keys.load();
  if (root === undefined) throw new Error("there is no key");
  const settings = { encryptionCipher: "aes256cbc", encryptionKey: deriveKeys(root).database, timeout: 2000 };
  return new Database(join(dir, "state.db"), settings);
}
