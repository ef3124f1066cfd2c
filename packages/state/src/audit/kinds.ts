import { z } from "zod";
import { matrixKinds } from "./matrix-kinds.ts";

const text = () => z.string();
const maybe = () => z.string().optional();
const whole = () => z.number();
const flag = () => z.boolean();
const texts = () => z.array(z.string());

/** The kinds of the reference (state.md §9, both tables), with exactly its fields; `count` stands for coalesced ones. */
const referenceKinds = {
  config_changed: () => z.object({ key_path: text(), actor: text(), method: text() }),
  task_mutated: () => z.object({ task_id: text(), action: text(), actor: text(), resulting_state: text() }),
  prompt_guard_blocked: () => z.object({ layer: text(), reason: text(), run_id: text() }),
  classifier_blocked: verdict,
  classifier_warned: verdict,
  plugin_capability_denied: () => z.object({ plugin_id: text(), capabilities: texts() }),
  managed_plugin_manifest_rollback_failed: pluginFault,
  managed_plugin_artifact_rollback_failed: pluginFault,
  managed_plugin_first_install_cleanup_failed: pluginFault,
  update_healthy_marker_failed: () =>
    z.object({ phase: maybe(), retryable: flag(), evidence_recorded: flag() }),
  update_healthy_evidence_cleanup_failed: () => z.object({ phase: maybe(), retryable: flag() }),
  update_rollback_backup_reaped: () => z.object({ path: text() }),
  cron_clock_jump_detected: () =>
    z.object({ prev_now_ms: whole(), current_now_ms: whole(), jump_ms: whole() }),
  cron_job_quarantined: () => z.object({ job_id: text(), name: text() }),
  state_dir_chmod_failed: () => z.object({ subdir: text(), intended_mode: whole(), error: text() }),
  state_dir_wide_pre_existing: () => z.object({ observed_mode: whole(), wide_mask: whole() }),
  server_task_abort_failed: () => z.object({ pid: whole(), abort_timeout_ms: whole() }),
  audit_events_dropped: () =>
    z.object({ dropped_count: whole(), first_drop_ts: text(), last_drop_ts: text() }),
  auth_success: () => z.object({ method: text(), client_id: text(), remote_ip: text(), role: text() }),
  auth_failure: () =>
    z.object({
      method: text(),
      client_id: text(),
      remote_ip: text(),
      reason: text(),
      count: whole().optional(),
    }),
  device_paired: () => z.object({ device_id: text(), device_family: maybe(), remote_ip: text() }),
  node_paired: () => z.object({ node_id: text(), remote_ip: text() }),
  tool_executed: () => z.object({ tool_name: text(), agent_id: text(), session_id: text() }),
  tool_denied: () => z.object({ tool_name: text(), agent_id: text(), session_id: maybe(), policy: text() }),
  session_created: () => z.object({ session_id: text(), user_id: maybe() }),
  session_deleted: () => z.object({ session_id: text(), actor: text() }),
  session_purged: () => z.object({ user_id: text(), deleted_count: whole(), total_count: whole() }),
  data_exported: () => z.object({ user_id: text(), session_count: whole() }),
  plugin_installed: () => z.object({ plugin_id: text(), source_url: text() }),
  approval_resolved: () => z.object({ approval_id: text(), approved: flag() }),
  backup_created: () => z.object({ path: text(), sections: texts() }),
  rate_limit_hit: () => z.object({ remote_ip: text(), endpoint: text(), count: whole().optional() }),
  gateway_connected: () => z.object({ gateway_id: text() }),
  gateway_disconnected: () => z.object({ gateway_id: text(), reason: text() }),
  plugin_signature_verified: () => z.object({ plugin_id: text() }),
  plugin_signature_failed: () => z.object({ plugin_id: text(), reason: text() }),
  session_integrity_violation: () => z.object({ session_id: text(), file: text(), action: text() }),
};

/** What the reference has no name for. */
const ownKinds = {
  gateway_started: () => z.object({ version: text(), pid: whole(), config_hash: maybe() }),
  gateway_stopped: () => z.object({ reason: text() }),
  device_pairing_requested: () => z.object({ request_id: text(), device_id: text(), remote_ip: text() }),
  device_pairing_rejected: () => z.object({ request_id: text(), device_id: text() }),
  device_unpaired: () => z.object({ device_id: text() }),
  device_token_rotated: () => z.object({ device_id: text(), role: text(), scopes: texts() }),
  device_token_revoked: () => z.object({ device_id: text(), role: text() }),
  state_integrity_violation: () => z.object({ scope: text(), name: text() }),
  channel_logged_out: () => z.object({ channel: text() }),
  message_queued: () => z.object({ message_id: text(), channel: text() }),
  message_retried: () => z.object({ message_id: text(), channel: text() }),
  message_dropped: () => z.object({ message_id: text(), channel: text() }),
  secret_revealed: () => z.object({ name: text() }),
  secret_changed: () => z.object({ name: text(), action: z.enum(["set", "removed", "sealed", "opened"]) }),
  config_secrets_opened: () => z.object({ count: whole() }),
  key_location_changed: () => z.object({ key: text(), from: text(), to: text() }),
  state_rekeyed: () => z.object({ step: text(), outcome: text() }),
  backup_restored: () => z.object({ path: text(), sections: texts() }),
  state_imported: () => z.object({ source: text(), sections: texts() }),
  state_reset: () => z.object({ sections: texts() }),
  /** Lines of another log that were taken over (`appendForeign`): the digest binds them into this chain. */
  audit_imported: () => z.object({ source: text(), sha256: text(), line_count: whole() }),
  cron_job_changed: () =>
    z.object({
      job_id: text(),
      name: text(),
      action: z.enum(["added", "updated", "removed", "evicted", "run"]),
    }),
  /** It failed so often on end that it was switched off. */
  cron_job_disabled: () => z.object({ job_id: text(), name: text(), failures: whole() }),
  /** The newest records were gone when the log was opened: `expected_seq` had been reached. */
  audit_resumed: () => z.object({ expected_seq: whole(), found_seq: whole() }),
};

const kinds = { ...referenceKinds, ...matrixKinds, ...ownKinds };

/** The name of an event that may be appended. */
export type AuditKind = keyof typeof kinds;
/** An event's data, without its `type`. */
export type AuditData<K extends AuditKind> = z.input<ReturnType<(typeof kinds)[K]>>;

/** Every kind there is, in the order of the tables. */
export const auditKinds: readonly AuditKind[] = Object.keys(kinds).filter(isAuditKind);

export function isAuditKind(name: string): name is AuditKind {
  return Object.hasOwn(kinds, name);
}

/** `data.type`: the event's name but for two kinds of the reference (state.md §9). */
export function dataType(event: string): string {
  const isOdd = event === "matrix_recovery_key_restore" || event === "matrix_recovery_key_rotate";
  return isOdd ? `${event}d` : event;
}

const built = new Map<AuditKind, z.ZodObject>();

/** The schema of a kind's data, made when it is first asked for: a start needs none of them. */
export function dataSchema(kind: AuditKind): z.ZodObject {
  const known = built.get(kind);
  if (known !== undefined) return known;
  const made: z.ZodObject = kinds[kind]();
  built.set(kind, made);
  return made;
}

function verdict() {
  return z.object({ category: text(), confidence: whole(), reasoning: text(), run_id: text() });
}

function pluginFault() {
  return z.object({ plugin_id: text(), error: text() });
}
