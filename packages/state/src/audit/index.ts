export type { AuditFields, AuditJson } from "./canonical-json.ts";
export { canonicalJson } from "./canonical-json.ts";
export type { AuditFinding, AuditReport } from "./chain-checker.ts";
export { AuditHead, headLine } from "./head.ts";
export { auditKinds, isAuditKind } from "./kinds.ts";
export { AuditRecord, recordLine } from "./record.ts";
export { maxAuditLineChars, verifyAuditLines } from "./verify-lines.ts";
