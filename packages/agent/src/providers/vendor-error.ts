import { isRecord, parseJson } from "@carapace/protocol";
import { TransportError } from "./transport-error.ts";

/** What a vendor said went wrong, wherever in the exchange it said so. */
export interface VendorError {
  readonly status?: number;
  /** Its words for machines, lower case: error type and code. */
  readonly tags: string;
  readonly message: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Finds our own transport fault, or the vendor's error, in what an SDK threw or put into its stream. Reads shapes, not
 * classes: the SDK's classes would have to be loaded to be asked for.
 */
export function readError(error: unknown): TransportError | VendorError {
  const fault = findTransportError(error);
  if (fault !== undefined) return fault;
  if (!isRecord(error)) return { tags: "", message: String(error), headers: {} };
  const { responseBody } = error;
  const told = typeof responseBody === "string" ? parseJson(responseBody) : undefined;
  const body = errorOf(told ?? error["data"]);
  const status = error["statusCode"];
  const headers = isRecord(error["responseHeaders"]) ? textValues(error["responseHeaders"]) : {};
  const google = googleDetails(body["details"] ?? error["details"]);
  const tags = [
    ...[body["type"], body["code"], body["status"], error["type"], error["code"], error["status"]],
    // Bedrock names its errors in a header, with an address behind a colon.
    ...[headers["x-amzn-errortype"]?.split(":")[0], body["__type"], ...google.tags],
  ];
  return {
    ...(typeof status === "number" ? { status } : {}),
    tags: tags.filter(isTag).join(" ").toLowerCase(),
    message: [body["message"], body["Message"], error["responseBody"], error["message"]].find(isText) ?? "",
    headers: google.retryAfterMs === undefined ? headers : { ...google.retryAfterMs, ...headers },
  };
}

/** What Google's errors say for machines (google.rpc): reasons, which quota it is, when to come back. */
function googleDetails(details: unknown) {
  const entries = Array.isArray(details) ? details.filter(isRecord) : [];
  const violations = entries.flatMap((entry) =>
    Array.isArray(entry["violations"]) ? entry["violations"].filter(isRecord) : [],
  );
  const delay = entries.map((entry) => entry["retryDelay"]).find(isText);
  const seconds = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(delay ?? "")?.[1];
  return {
    tags: [
      ...entries.map((entry) => entry["reason"]),
      ...violations.map((violation) => violation["quotaId"]),
      ...violations.map((violation) => (violation["quotaValue"] === "0" ? "perproject limit_0" : undefined)),
    ],
    retryAfterMs: seconds === undefined ? undefined : { "retry-after-ms": String(Number(seconds) * 1000) },
  };
}

/** Whether an SDK only complains that it could not read one chunk: such chunks are passed over (agent.md §4.1). */
export function isUnreadableChunk(error: unknown): boolean {
  return isRecord(error) && unreadable.has(String(error["name"]));
}

const unreadable = new Set(["AI_JSONParseError", "AI_TypeValidationError", "AI_InvalidResponseDataError"]);
const maxCauses = 8;

function findTransportError(error: unknown): TransportError | undefined {
  let current = error;
  for (let depth = 0; depth < maxCauses; depth += 1) {
    if (current instanceof TransportError) return current;
    if (!(current instanceof Error)) return undefined;
    current = current.cause;
  }
  return undefined;
}

/** The error object of a body: `{error: {…}}`, or `{error: "…"}`, or the object itself. */
function errorOf(body: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(body)) return {};
  const inner = body["error"] ?? body;
  return isRecord(inner) ? inner : { message: inner };
}

function textValues(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    isText(value) ? [[name.toLowerCase(), value]] : [],
  );
  return Object.fromEntries(entries);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

function isTag(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
