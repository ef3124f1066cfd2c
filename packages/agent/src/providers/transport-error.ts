/** How a request failed below the vendor's own protocol. */
export type TransportFault =
  | "unreachable"
  | "name_unknown"
  | "certificate"
  | "reset"
  | "header_timeout"
  | "idle_timeout"
  | "redirect"
  | "not_a_stream"
  | "too_large";

/** Thrown by our fetch into the vendor's SDK, and found again in what the SDK throws. */
export class TransportError extends Error {
  readonly fault: TransportFault;
  /** What came instead, for the log; not yet redacted. */
  readonly detail: string | undefined;

  constructor(fault: TransportFault, detail?: string) {
    super(fault);
    this.name = "TransportError";
    this.fault = fault;
    this.detail = detail;
  }
}

/** Codes of Bun's fetch, as tried on Bun 1.4, and those of OpenSSL by their usual marks. */
const faultOfCode: Readonly<Record<string, TransportFault>> = {
  ECONNREFUSED: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ETIMEDOUT: "unreachable",
  ConnectionRefused: "unreachable",
  FailedToOpenSocket: "unreachable",
  ENOTFOUND: "name_unknown",
  EAI_AGAIN: "name_unknown",
};

/** Names what `fetch` (or reading its body) threw. */
export function asTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const code = errorCode(error);
  const message = error instanceof Error ? error.message : String(error);
  const known = faultOfCode[code];
  if (known !== undefined) return new TransportError(known, message);
  if (/CERT|SELF_SIGNED|TLS|SSL/i.test(code)) return new TransportError("certificate", message);
  return new TransportError("reset", message);
}

function errorCode(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return String(error.code);
}
