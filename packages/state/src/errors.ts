import type { FailureCode } from "@carapace/protocol";

interface StateFailureFacts {
  /** What it is to a client, an exit code and HTTP. */
  readonly failure: FailureCode;
  /** Whether trying again later can help. */
  readonly retry: boolean;
}

/** Every way the state can refuse or fail, by its stable code. */
export const stateFailures = {
  key_missing: { failure: "conflict", retry: false },
  key_unreadable: { failure: "conflict", retry: false },
  key_locked: { failure: "conflict", retry: true },
  key_exists: { failure: "conflict", retry: false },
  wrong_key: { failure: "conflict", retry: false },
  not_a_database: { failure: "conflict", retry: false },
  corrupt: { failure: "conflict", retry: false },
  newer_schema: { failure: "conflict", retry: false },
  foreign_owner: { failure: "forbidden", retry: false },
  unsafe_path: { failure: "forbidden", retry: false },
  locked: { failure: "unavailable", retry: true },
  busy: { failure: "unavailable", retry: true },
  disk_full: { failure: "unavailable", retry: true },
  io: { failure: "unavailable", retry: true },
  session_damaged: { failure: "conflict", retry: false },
  database_damaged: { failure: "conflict", retry: false },
  not_found: { failure: "not_found", retry: false },
  not_running: { failure: "conflict", retry: false },
  already_exists: { failure: "conflict", retry: false },
  invalid: { failure: "invalid_request", retry: false },
  bad_archive: { failure: "invalid_request", retry: false },
  archive_locked: { failure: "unauthorized", retry: false },
  closed: { failure: "conflict", retry: false },
} as const satisfies Record<string, StateFailureFacts>;

export type StateFailureCode = keyof typeof stateFailures;

/** A refusal or fault of the state. The message is one sentence for a person: what is wrong and what to do; no secret. */
export class StateError extends Error {
  readonly code: StateFailureCode;

  constructor(code: StateFailureCode, say: string, options?: { readonly cause?: unknown }) {
    super(say, options);
    this.name = "StateError";
    this.code = code;
  }
}
