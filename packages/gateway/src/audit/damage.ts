import type { Audit, Damage } from "@carapace/state";

/** A stored record that does not verify, for the audit log (state.md §9 `session_integrity_violation`). */
export function recordDamage(audit: Pick<Audit, "record">, { scope, name }: Damage): void {
  if (scope === "session") {
    const data = { session_id: name, file: "state.db", action: "set_aside" };
    audit.record({ actor: "gateway", event: "session_integrity_violation", data });
  } else {
    audit.record({ actor: "gateway", event: "state_integrity_violation", data: { scope, name } });
  }
}
