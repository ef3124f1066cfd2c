import { hkdfSync } from "node:crypto";

/** The keys of one state directory, all derived from the one that is stored. */
export interface StateKeys {
  /** 64 lower-case hex characters: what the database engine takes as its key. */
  readonly database: string;
  /** Keys the MACs over rows and chains. */
  readonly record: Uint8Array;
  /** Keys the MACs over message text, apart, so that text can be erased and its chain still verifies. */
  readonly content: Uint8Array;
}

const salt = "carapace:state:v1";

function derive(root: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", root, salt, `carapace:state:${purpose}:v1`, 32));
}

/** HKDF-SHA256 with one label a purpose. @param root 32 random bytes. */
export function deriveKeys(root: Uint8Array): StateKeys {
  return {
    database: Buffer.from(derive(root, "database")).toString("hex"),
    record: derive(root, "record-mac"),
    content: derive(root, "content-mac"),
  };
}
