import { z } from "zod";

const text = () => z.string();
const whole = () => z.number();

/** What the Matrix channel tells (state.md §9, channels.md §11). */
export const matrixKinds = {
  matrix_sas_unsafe_skip: () =>
    z.object({ flow_id: text(), host: text(), port: whole().optional(), pid: whole(), matches: z.boolean() }),
  matrix_verification_action: () =>
    z.object({
      action: z.enum(["start", "accept", "confirm", "cancel"]),
      flow_id: text(),
      outcome: z.enum(["ok", "err"]),
      actor: text(),
      remote_ip: text(),
      matches: z.boolean().optional(),
    }),
  matrix_cross_signing_bootstrapped: () =>
    z.object({
      outcome: z.enum(["confirmed_or_bootstrapped_without_uia", "bootstrapped_after_uia"]),
      user_id: text(),
    }),
  matrix_cross_signing_bootstrap_failed: () =>
    z.object({
      outcome: z.enum(["failed_before_uia", "failed_missing_password", "failed_after_uia"]),
      user_id: text(),
      error_kind: text(),
    }),
  matrix_recovery_key_first_mint: () =>
    z.object({ outcome: z.enum(["minted", "promoted_pending_after_restart"]), minted_at: text() }),
  matrix_recovery_key_rotate: () => z.object({ rotated_at: text() }),
  matrix_recovery_key_restore: () => z.object({ pid: whole() }),
  matrix_recovery_key_restored_at_startup: () => z.object({}),
  matrix_recovery_key_restore_cleanup_failed: () =>
    z.object({
      artifacts: z.array(
        z.object({ label: artifact(), error_kind: z.enum(["remove_failed", "parent_sync_failed"]) }),
      ),
    }),
  matrix_recovery_key_restore_cleanup_anchored: artifacts,
  matrix_recovery_key_restore_cleanup_resumed: artifacts,
  matrix_recovery_key_startup_cleanup_refused: () => z.object({ artifact_count: whole() }),
  matrix_recovery_key_rotate_recovered: () =>
    z.object({
      marker_stage: stage(),
      outcome: z.enum([
        "cleared_stale_pending",
        "promoted_pending",
        "cleared_final_marker",
        "cleared_started_marker",
      ]),
    }),
  matrix_recovery_key_pending_promotion_refused: () =>
    z.object({
      marker_stage: stage(),
      reason: z.enum([
        "missing_previous_key_digest",
        "missing_new_key_digest",
        "pending_key_missing",
        "pending_key_digest_mismatch",
        "current_key_mismatch",
        "current_key_missing",
        "unbound_started_pending",
        "final_stage_pending_present",
        "legacy_marker_missing_previous_key_digest",
      ]),
      artifacts: z.array(artifact()),
      current_key: keyState(),
      pending_key: keyState(),
    }),
  matrix_recovery_key_rotation_marker_invalid: () =>
    z.object({ reason: z.enum(["corrupt_typed_marker", "unknown_legacy_marker"]) }),
  matrix_store_rekey_start: () => z.object({ pid: whole() }),
  matrix_store_rekey_complete: () =>
    z.object({ pid: whole(), sqlite_store_count: whole(), recovered: z.boolean() }),
  matrix_dlq_rekey_backup_cleanup_failed: () =>
    z.object({ backup_path: text(), live_path: text(), error: text() }),
  matrix_inbound_dlq_record_dropped_allowlist_drift: () => z.object({ sender_id: text(), event_id: text() }),
  matrix_inbound_dlq_quarantine_cap_dropped: () =>
    z.object({
      dropped_lines: whole(),
      incoming_bytes: whole(),
      existing_quarantine_bytes: whole(),
      cap_bytes: whole(),
    }),
  matrix_inbound_dlq_cap_dropped: () => z.object({ existing_lines: whole(), cap_records: whole() }),
  matrix_inbound_dlq_legacy_envelope_processed: () =>
    z.object({
      from_version: whole(),
      current_version: whole(),
      record_count: whole(),
      reencoded_count: whole(),
      drained_count: whole(),
      quarantined_count: whole(),
    }),
};

function artifact() {
  return z.enum(["rotation_marker", "minting_marker", "current_key", "pending_key"]);
}

function artifacts() {
  return z.object({ artifacts: z.array(artifact()) });
}

function stage() {
  return z.enum(["started", "pending_key_written", "final_key_replaced"]);
}

function keyState() {
  return z.enum(["missing", "matches_previous_key", "matches_new_key", "mismatch", "unknown"]);
}
