import { seeLogs } from "../next-steps.ts";

const newToken =
  "sign in anew, then: cara secrets set matrix.accessToken, or export MATRIX_ACCESS_TOKEN where the gateway starts";
const rightAccount =
  "make matrix.userId, matrix.deviceId and the access token those of one and the same session";
const files = "check owner, modes and free space of the folder matrix/ in the state directory: cara doctor";
const deadLetters =
  "check the folder matrix/ in the state directory (owner, modes, free space), then restart the gateway";
const recovery = "restore with the right recovery key: cara matrix recovery-key restore";

/** What to do about a Matrix channel in error, by its `lastErrorKind` (cli.md §3.12). */
const advice: Readonly<Record<string, string>> = {
  "auth-token-revoked": newToken,
  "encrypted-store-passphrase-mismatch":
    "give the passphrase or CARAPACE_CONFIG_PASSWORD that the store was made with; matrix/store_passphrase.pending or .rekeying tell of an interrupted change",
  "interrupted-rekey": "stop the gateway and run cara matrix rekey-store --new again",
  "missing-store-secret":
    "set CARAPACE_CONFIG_PASSWORD, matrix.storePassphrase or MATRIX_STORE_PASSPHRASE where the gateway starts",
  "auth-session-user-mismatch": rightAccount,
  "auth-session-device-mismatch": rightAccount,
  "auth-session-missing-device-id":
    "set matrix.deviceId (or MATRIX_DEVICE_ID) to the device of the access token",
  clock: "set this machine's clock (NTP), then restart the gateway",
  "client-build": files,
  "recovery-key-restore-failed": recovery,
  "cross-signing-bootstrap-failed":
    "the home server wants the account's password for this: set matrix.password for one start, or verify the device from another client",
  "encrypted-state-io": files,
  "recovery-state-io": files,
  "recovery-state-probe-failed": "check that the home server can be reached, then restart the gateway",
  "recovery-config-precondition": "mend the Matrix section: cara config validate",
  "recovery-key-promotion-refused": recovery,
  auth: "check the access token or password of the account, and whether the home server still knows it",
  "auth-probe": "check that the home server can be reached from the gateway's machine",
  "installation-id": "the file installation_id in the state directory is damaged: restore it from a backup",
  "sync-loop-give-up":
    "the home server failed for 24 hours and is now tried hourly: check it, then restart the gateway to try at once",
  "startup-failed": seeLogs,
  "token-persistence": files,
  "store-key-derivation": "check CARAPACE_CONFIG_PASSWORD and free memory, then restart the gateway",
  "command-queue-full": "wait until the channel has worked off what it has, then run cara verify again",
  "session-history-corrupt": "stored conversations are damaged: cara doctor",
  "legacy-dlq-envelope-refused":
    "old dead letters are refused: set matrix.inboundDlq.legacyEnvelopePolicy to accept, or remove them",
  "dlq-crypto": "give CARAPACE_CONFIG_PASSWORD as it was when the dead letters were written",
  "dlq-io": deadLetters,
  "dlq-serialization": deadLetters,
  "dlq-dispatch-failure": seeLogs,
  "dlq-cap-saturation":
    "work off the dead letters: too many messages could not be handled; cara logs says why",
  "sync-failed": "check that the home server can be reached from the gateway's machine",
  "send-failed": "check the room's id, and that the account has joined the room and may write there",
  "not-connected": "wait until the channel is connected; cara status shows it",
};

/** Pure. */
export function adviceForKind(kind: string): string {
  return Object.hasOwn(advice, kind) ? (advice[kind] ?? seeLogs) : seeLogs;
}
