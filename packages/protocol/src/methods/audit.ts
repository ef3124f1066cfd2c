import { z } from "zod";
import { Num, Text, Texts, True } from "../scalars.ts";
import { clamped, defaultFalse, lenient, methods, NoParams, optionalText, required } from "./contract.ts";

/** A chained record of the audit log: the reference's line (state.md §9) and what chains it. */
const AuditRecordView = () =>
  z.object({
    ts: Text,
    event: Text,
    data: z.record(z.string(), z.unknown()),
    seq: Num,
    actor: Text,
    prevHash: Text,
    hash: Text,
  });

const AuditHeadView = () =>
  z.object({
    ts: Text,
    event: Text,
    data: z.object({ type: Text, seq: Num, hash: Text, reason: Text, public_key: Text }),
    signature: Text,
  });

const AuditTailParams = () =>
  z.object({
    limit: clamped(50, 1, 1000),
    /** The oldest after this record instead of the newest. */
    afterSeq: lenient(z.int().min(0)),
    event: optionalText,
    /** Unix ms. */
    sinceMs: lenient(z.int().min(0)),
    /** Sign both ends of what is answered, for an export. */
    signed: defaultFalse,
    /** Instead of records: lines taken over from other logs, those after this one. */
    foreignAfter: lenient(z.int().min(0)),
  });

const AuditTailResult = () =>
  z.object({
    records: z.array(AuditRecordView()),
    /** The signed heads of the log at these records and between them. */
    heads: z.array(AuditHeadView()),
    headSeq: Num,
    publicKey: Text.optional(),
    foreign: z.array(z.object({ n: Num, line: Text })).optional(),
    start: AuditHeadView().optional(),
    end: AuditHeadView().optional(),
  });

const AuditVerifyResult = () =>
  z.object({
    records: Num,
    firstSeq: Num.optional(),
    lastSeq: Num.optional(),
    signedThrough: Num,
    publicKeys: Texts,
    unchained: Num,
    findings: z.array(z.object({ kind: Text, seq: Num.optional(), line: Num.optional(), say: Text })),
  });

/** The audit log: methods of this gateway's own (`docs/audit.md`). */
export const auditMethods = methods({
  "audit.tail": {
    access: "admin",
    summary: "Read the audit log",
    params: AuditTailParams,
    result: AuditTailResult,
  },
  "audit.verify": {
    access: "admin",
    summary: "Check the audit log: chain, seals, signatures, both ends",
    params: NoParams,
    result: AuditVerifyResult,
  },
  "audit.note": {
    access: "admin",
    summary: "Tell the audit log what a command of the owner's did",
    params: () => z.object({ event: required("event"), data: z.record(z.string(), z.unknown()).catch({}) }),
    result: () => z.object({ ok: True }),
  },
});
