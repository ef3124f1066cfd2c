import { type FailureCode, failures, type Refusal, refuse } from "@carapace/protocol";

/** What a request can fail of; each with its code and its sentence, which never holds the URL. */
const fetchFailures = {
  invalid_url: ["invalid_request", "That is not a URL: write it in full, as in https://example.com/page."],
  url_too_long: ["invalid_request", "The URL is longer than 2048 bytes."],
  protocol_not_allowed: ["invalid_request", "protocol not allowed: use a URL that starts with https://."],
  credentials_in_url: ["invalid_request", "The URL holds a user name or password: leave them out."],
  invalid_headers: ["invalid_request", "A header cannot be sent as it is: check its name and value."],
  blocked_port: [
    "forbidden",
    "The port of the URL belongs to another kind of service: requests do not go there.",
  ],
  blocked_address: [
    "forbidden",
    "The URL leads to an address that is not public (this machine, a private network or a cloud's own service).",
  ],
  dns_failed: ["unavailable", "The host of the URL could not be found: check its name, or try again later."],
  unreachable: ["unavailable", "The server could not be reached, or broke the connection: try again later."],
  tls_failed: [
    "unavailable",
    "The server could not prove who it is: its certificate or its TLS is not valid.",
  ],
  timeout: ["unavailable", "The server took too long: try again later."],
  bad_response: ["unavailable", "The server's answer is not proper HTTP, or ended too early."],
  bad_encoding: ["unavailable", "The server's answer is compressed in a way that is not accepted."],
  too_large: ["invalid_request", "The answer is larger than allowed here."],
  too_many_redirects: ["invalid_request", "The server redirects too often."],
  redirect_refused: [
    "forbidden",
    "The server redirects to where this request must not follow (a blocked address, http, or another server).",
  ],
  aborted: ["unavailable", "The request was cancelled."],
} as const satisfies Record<string, readonly [FailureCode, string]>;

export type FetchFailure = keyof typeof fetchFailures;

/** Why there is no answer. */
export interface FetchRefusal extends Refusal {
  readonly reason: FetchFailure;
  /** Whether the same request may succeed later. */
  readonly isTransient: boolean;
  /** Whether the server may have received the request, so that a second one may be a double. */
  readonly mayHaveArrived: boolean;
}

export type FetchResult<T> = { readonly ok: true; readonly value: T } | FetchRefusal;

export function fetched<T>(value: T): FetchResult<T> {
  return { ok: true, value };
}

export function refuseFetch(reason: FetchFailure, mayHaveArrived = false): FetchRefusal {
  const [code, say] = fetchFailures[reason];
  const isTransient = failures[code].retry && reason !== "aborted";
  return { ...refuse(code, say), reason, isTransient, mayHaveArrived };
}

/** Thrown while a body is read; carries the refusal that a caller hands on. */
export class FetchFault extends Error {
  override readonly name = "FetchFault";
  readonly refusal: FetchRefusal;

  constructor(refusal: FetchRefusal) {
    super(refusal.say);
    this.refusal = refusal;
  }
}
