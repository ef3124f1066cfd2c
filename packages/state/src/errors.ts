/** Every way the state can refuse or fail, by its stable code; whether trying again later can help. */
export const stateFailures = {
  key_missing: { retry: false },
  key_unreadable: { retry: false },
  key_exists: { retry: false },
  wrong_key: { retry: false },
  not_a_database: { retry: false },
  corrupt: { retry: false },
  newer_schema: { retry: false },
  foreign_owner: { retry: false },
  unsafe_path: { retry: false },
  locked: { retry: true },
  busy: { retry: true },
  disk_full: { retry: true },
  io: { retry: true },
  session_damaged: { retry: false },
  database_damaged: { retry: false },
  not_found: { retry: false },
  not_running: { retry: false },
  already_exists: { retry: false },
  invalid: { retry: false },
  closed: { retry: false },
} as const satisfies Record<string, { readonly retry: boolean }>;

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
