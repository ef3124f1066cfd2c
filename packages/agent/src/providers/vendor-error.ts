import { isRecord } from "@carapace/protocol";
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
  const body = errorOf(parseBody(error["responseBody"]) ?? error["data"]);
  const status = error["statusCode"];
  return {
    ...(typeof status === "number" ? { status } : {}),
    tags: [body["type"], body["code"], error["type"], error["code"]].filter(isTag).join(" ").toLowerCase(),
    message: [body["message"], error["responseBody"], error["message"]].find(isText) ?? "",
    headers: isRecord(error["responseHeaders"]) ? textValues(error["responseHeaders"]) : {},
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

function parseBody(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
