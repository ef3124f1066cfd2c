import { createHash } from "node:crypto";

/** How much later than planned a job begins: the same for the same job and time, whoever asks. Pure. */
export function jitterOf(jobId: string, plannedAtMs: number, jitterMs: number | undefined): number {
  if (jitterMs === undefined || jitterMs <= 0) return 0;
  const digest = createHash("sha256").update(`${jobId}\n${plannedAtMs}`).digest();
  return digest.readUInt32BE(0) % (jitterMs + 1);
}
