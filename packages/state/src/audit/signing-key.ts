import { generateKeyPairSync } from "node:crypto";
import { once } from "@carapace/protocol";
import { z } from "zod";
import { Records } from "../integrity/records.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { createHeadSigner, type HeadSigner } from "./head.ts";

const name = "installation";

/** The installation's Ed25519 key, a sealed record of the database. Callers hold the transaction. */
export class SigningKey {
  readonly #records: Records<{ privateKey: string }>;
  #known: HeadSigner | undefined;

  constructor(deps: SealedDeps) {
    const schema = once(() => z.object({ privateKey: z.string() }));
    this.#records = new Records(deps, { name: "audit key", schema, pages: 1 });
  }

  /** @returns undefined if none was made yet. */
  find(): HeadSigner | undefined {
    if (this.#known !== undefined) return this.#known;
    const stored = this.#records.find(name);
    if (stored !== undefined) this.#known = createHeadSigner(Buffer.from(stored.privateKey, "base64"));
    return this.#known;
  }

  /** Makes the key when it is first needed; one that does not verify any more is replaced, which a reader of heads sees. */
  findOrMake(): HeadSigner {
    const known = this.find();
    if (known !== undefined) return known;
    const { privateKey } = generateKeyPairSync("ed25519");
    const der = privateKey.export({ format: "der", type: "pkcs8" });
    this.#records.save(name, { privateKey: der.toString("base64") });
    this.#known = createHeadSigner(der);
    return this.#known;
  }

  /** After a rollback: what was made in it is gone. */
  forget(): void {
    this.#known = undefined;
  }
}
