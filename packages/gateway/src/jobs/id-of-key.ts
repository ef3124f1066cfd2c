import { createHash } from "node:crypto";

/**
 * The id of what is made under an idempotency key: after a crash in the middle, the same call finds what the first one
 * made. In the form of the ids that are made otherwise (UUID, version 8: free to its maker). Pure.
 */
export function idOfKey(kind: "task" | "cron" | "hook", key: string): string {
  const hex = createHash("sha256").update(`carapace:${kind}:v1:${key}`).digest("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`];
  return [...parts, hex.slice(20, 32)].join("-");
}
