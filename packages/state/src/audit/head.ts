import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "./canonical-json.ts";

/**
 * Why a head was signed. `periodic`, `stop` and `recovery` stand in the log; `start` and `export` open and close an
 * export; `cut` is the stub which stands for records that retention removed.
 */
const headReasons = ["periodic", "stop", "recovery", "cut", "start", "export"] as const;
export type HeadReason = (typeof headReasons)[number];

/** A signed statement that the log stood at this record. Its line has the form of a record's (state.md §9). */
export const AuditHead = z.object({
  ts: z.string(),
  event: z.literal("audit_head"),
  data: z.object({
    type: z.literal("audit_head"),
    seq: z.int().min(0),
    hash: z.string(),
    reason: z.enum(headReasons),
    /** `ed25519:` and 32 bytes in base64url. */
    public_key: z.string(),
  }),
  /** Ed25519 over the canonical JSON of the line without it; base64url. */
  signature: z.string(),
});
export type AuditHead = z.infer<typeof AuditHead>;

interface HeadFacts {
  readonly ts: string;
  readonly seq: number;
  readonly hash: string;
  readonly reason: HeadReason;
}

const prefix = "ed25519:";
/** What stands before the 32 bytes of an Ed25519 public key in its DER form (RFC 8410). */
const derHead = Buffer.from("302a300506032b6570032100", "hex");

/** The key an installation signs its heads with. */
export interface HeadSigner {
  readonly publicKey: string;
  sign(facts: HeadFacts): AuditHead;
}

/** @param privateKey PKCS#8 DER */
export function createHeadSigner(privateKey: Uint8Array): HeadSigner {
  const key = createPrivateKey({ key: Buffer.from(privateKey), format: "der", type: "pkcs8" });
  const der = createPublicKey(key).export({ format: "der", type: "spki" });
  const publicKey = `${prefix}${der.subarray(derHead.length).toString("base64url")}`;
  return {
    publicKey,
    sign({ ts, seq, hash, reason }) {
      const data = { type: "audit_head", seq, hash, reason, public_key: publicKey } as const;
      const unsigned = { ts, event: "audit_head", data } as const;
      const signature = sign(null, Buffer.from(canonicalJson(unsigned)), key).toString("base64url");
      return { ...unsigned, signature };
    },
  };
}

/** Whether the signature is that of the key the head names. Never throws. */
export function isHeadSigned({ signature, ...unsigned }: AuditHead): boolean {
  const key = publicKeyOf(unsigned.data.public_key);
  if (key === undefined) return false;
  try {
    return verify(null, Buffer.from(canonicalJson(unsigned)), key, Buffer.from(signature, "base64url"));
  } catch {
    return false;
  }
}

/** A head as one line of an export, without its newline. */
export function headLine({ ts, event, data, signature }: AuditHead): string {
  return `{"ts":${canonicalJson(ts)},"event":"${event}","data":${canonicalJson(data)},"signature":${canonicalJson(signature)}}`;
}

function publicKeyOf(text: string): KeyObject | undefined {
  const raw = Buffer.from(text.startsWith(prefix) ? text.slice(prefix.length) : "", "base64url");
  if (raw.length !== 32) return undefined;
  try {
    return createPublicKey({ key: Buffer.concat([derHead, raw]), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
