import { z } from "zod";
import { type AuditFields, type AuditJson, canonicalJson } from "./canonical-json.ts";

/** A hash as it stands in records: SHA-256, lower-case hex. */
const Hash = z.string().regex(/^[0-9a-f]{64}$/);

const Json: z.ZodType<AuditJson> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(Json), z.record(z.string(), Json)]),
);

/** One record of the log, as it is exported: the reference's line (state.md §9), and what chains it. */
export const AuditRecord = z.object({
  /** RFC 3339, UTC. */
  ts: z.string(),
  event: z.string(),
  data: z.record(z.string(), Json),
  /** 1 for the first; a record is never given another's number. */
  seq: z.int().positive(),
  actor: z.string(),
  /** The hash of the record before; 64 zeros before the first. */
  prevHash: Hash,
  hash: Hash,
});
export interface AuditRecord {
  readonly ts: string;
  readonly event: string;
  readonly data: AuditFields;
  readonly seq: number;
  readonly actor: string;
  readonly prevHash: string;
  readonly hash: string;
}

/** Stands before the first record. */
export const firstPrevHash = "0".repeat(64);

/** A record whose data are still, or already, canonical JSON. */
export interface RawRecord extends Omit<AuditRecord, "data"> {
  readonly data: string;
}

/** SHA-256 over the canonical JSON of everything but the hash itself. @param data canonical JSON */
export function hashOf({ seq, ts, actor, event, data, prevHash }: Omit<RawRecord, "hash">): string {
  const head = `{"actor":${canonicalJson(actor)},"data":${data},"event":${canonicalJson(event)},`;
  const line = `${head}"prevHash":"${prevHash}","seq":${seq},"ts":${canonicalJson(ts)}}`;
  return sha256(line);
}

/** The same of a record that was read from elsewhere; undefined if its numbers have no canonical text. */
export function hashOfParsed({ data, ...record }: Omit<AuditRecord, "hash">): string | undefined {
  try {
    return hashOf({ ...record, data: canonicalJson(data) });
  } catch {
    return undefined;
  }
}

export function sha256(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}

/** A record as one line of an export, without its newline: the reference's fields first. */
export function recordLine({ ts, event, data, seq, actor, prevHash, hash }: RawRecord): string {
  const reference = `{"ts":${canonicalJson(ts)},"event":${canonicalJson(event)},"data":${data}`;
  return `${reference},"seq":${seq},"actor":${canonicalJson(actor)},"prevHash":"${prevHash}","hash":"${hash}"}`;
}
