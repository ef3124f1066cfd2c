/** What a failure means to each face of the product: the wire (websocket.md §9), HTTP, the exit code, retries. */
interface FailureFacts {
  /** `error.code` of a response frame. */
  readonly wire: string;
  /** HTTP status. */
  readonly http: number;
  /** Whether the same request may succeed later; `error.retryable` on the wire. */
  readonly retry: boolean;
}

/** Every refusal and failure the product can report, by its stable code. */
export const failures = {
  invalid_request: { wire: "invalid_request", http: 400, retry: false },
  not_found: { wire: "invalid_request", http: 404, retry: false },
  conflict: { wire: "invalid_request", http: 409, retry: false },
  forbidden: { wire: "invalid_request", http: 403, retry: false },
  unauthorized: { wire: "invalid_request", http: 401, retry: false },
  not_paired: { wire: "not_paired", http: 403, retry: false },
  not_in_this_version: { wire: "invalid_request", http: 501, retry: false },
  rate_limited: { wire: "rate_limited", http: 429, retry: true },
  unavailable: { wire: "unavailable", http: 503, retry: true },
  unknown_route: { wire: "unknown_route", http: 400, retry: false },
  missing_model: { wire: "missing_model", http: 400, retry: false },
  provider_not_configured: { wire: "provider_not_configured", http: 503, retry: false },
} as const satisfies Record<string, FailureFacts>;

export type FailureCode = keyof typeof failures;

/** A refusal: its code, the sentence for a person, and optional details for a program. */
export interface Refusal {
  readonly ok: false;
  readonly code: FailureCode;
  /** One sentence: what is wrong and what to do. Never holds a secret or a URL with one. */
  readonly say: string;
  readonly details?: unknown;
}

/** The outcome of an operation that can be refused. Faults are thrown instead. */
export type Result<T> = { readonly ok: true; readonly value: T } | Refusal;

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(code: FailureCode, say: string, details?: unknown): Refusal {
  return details === undefined ? { ok: false, code, say } : { ok: false, code, say, details };
}

/** Ends a `switch` over a closed union: a forgotten variant does not compile. */
export function unreachable(value: never): never {
  throw new Error(`unexpected variant: ${JSON.stringify(value)}`);
}
