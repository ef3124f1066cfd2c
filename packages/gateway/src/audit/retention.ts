import type { Audit } from "@carapace/state";
import type { Log } from "../log/log.ts";

export interface AuditRetentionDeps {
  readonly audit: Pick<Audit, "cut">;
  /** `audit` of the configuration in force. */
  readonly settings: () => { readonly retentionDays: number; readonly maxRecords: number };
  readonly nowMs: () => number;
  readonly log: Pick<Log, "info" | "warn">;
}

const dayMs = 86_400_000;

/** Removes what the configuration does not keep. Never throws. */
export async function retainAudit({ audit, settings, nowMs, log }: AuditRetentionDeps): Promise<void> {
  const { retentionDays, maxRecords } = settings();
  try {
    const removed = await audit.cut({ beforeMs: nowMs() - retentionDays * dayMs, maxRecords });
    if (removed > 0) log.info("old records of the audit log were removed", { removed });
  } catch (error) {
    log.warn("old records of the audit log could not be removed", { error });
  }
}
