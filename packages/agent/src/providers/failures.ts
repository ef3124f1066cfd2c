import { cutBytes } from "../sanitize/redact.ts";
import type { ProviderFailure, ProviderFailureCode } from "../types.ts";
import { redactDetail } from "./redact.ts";
import { retryAfterMs } from "./retry-after.ts";
import { sentences } from "./sentences.ts";
import { TransportError, type TransportFault } from "./transport-error.ts";
import type { Vendor } from "./vendor.ts";
import { readError, type VendorError } from "./vendor-error.ts";

/** A failure with what the retry rule needs to know of it. */
export interface Trouble {
  readonly failure: ProviderFailure;
  /** Whether the same request may well succeed soon. */
  readonly isTransient: boolean;
  /** What the vendor asked us to wait. */
  readonly retryAfterMs?: number;
}

interface Subject {
  readonly vendor: Vendor;
  /** Without the prefix. */
  readonly model: string;
  readonly nowMs: number;
}

/** Names what went wrong with a model call, for the owner, the log and the retry rule (agent.md §4.1 *Better*). */
export function troubleOf(error: unknown, subject: Subject): Trouble {
  const read = readError(error);
  if (read instanceof TransportError) return transportTrouble(read, subject);
  const code = classify(read);
  const waitMs = retryAfterMs(read.headers, subject.nowMs);
  return {
    failure: failure(code, subject, { ...read, ...(waitMs === undefined ? {} : { waitMs }) }),
    isTransient: isTransient(code, read),
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  };
}

/** The failure of a reply the vendor declined or could not go on with, though the exchange itself went well. */
export function endedBecause(
  code: "content_filter" | "context_overflow" | "bad_response" | "no_such_model",
  subject: Subject,
): ProviderFailure {
  return failure(code, subject, { tags: "", message: "", headers: {} });
}

/** Read in order; the first that fits names the failure. Vendors disagree on statuses, so words go first. */
const rules: readonly {
  code: ProviderFailureCode;
  tags?: RegExp;
  message?: RegExp;
  statuses?: readonly number[];
}[] = [
  // Google says "quota" of what passes in a minute, too; its details tell which it is.
  { code: "quota", tags: /resource_exhausted.*(perday|perproject.*limit_0)|servicequotaexceeded/ },
  { code: "rate_limit", tags: /resource_exhausted|throttling/ },
  {
    code: "quota",
    tags: /insufficient_quota|billing|usage_limit_reached|usage_not_included/,
    message: /credit balance|current quota|insufficient (funds|credits?|balance)/i,
    statuses: [402],
  },
  {
    code: "context_overflow",
    tags: /context_length_exceeded|request_too_large/,
    message:
      /prompt is too long|maximum context|context (length|window|size)|exceeds? .{0,40}context|input (length|token count) .{0,40}exceeds?|input is too long/i,
    statuses: [413],
  },
  { code: "content_filter", tags: /content_filter|content_policy/ },
  {
    code: "no_such_model",
    tags: /model_not_found/,
    message:
      /^model: |\bmodels?\b.{0,250}\b(not found|does not exist|is not available)|invalid model|model identifier is invalid/i,
  },
  {
    code: "auth",
    tags: /authentication_error|permission_error|api_key_invalid|invalid_api_key|unauthenticated|permission_denied/,
    statuses: [401, 403],
  },
  { code: "auth", tags: /accessdenied|unrecognizedclient|invalidsignature|incompletesignature|expiredtoken/ },
  { code: "rate_limit", tags: /rate_limit/, statuses: [429] },
  { code: "timeout", tags: /timeout|deadline_exceeded/, statuses: [408, 504] },
  { code: "overloaded", tags: /overloaded|\bapi_error|server_?error|unavailable|\binternal\b/ },
];

function classify(error: VendorError): ProviderFailureCode {
  const { status, tags, message } = error;
  const rule = rules.find(
    (one) =>
      one.tags?.test(tags) ||
      (status !== undefined && one.statuses?.includes(status)) ||
      one.message?.test(message),
  );
  if (rule !== undefined) return rule.code;
  if (status !== undefined && status >= 500) return "overloaded";
  return status !== undefined && status >= 400 ? "bad_request" : "bad_response";
}

function isTransient(code: ProviderFailureCode, { status, headers }: VendorError): boolean {
  if (code === "quota" || code === "context_overflow" || headers["x-should-retry"] === "false") return false;
  if (headers["x-should-retry"] === "true") return true;
  if (status === undefined) return code === "rate_limit" || code === "overloaded" || code === "timeout";
  return status === 408 || status === 429 || status >= 500;
}

const faults: Readonly<Record<TransportFault, { code: ProviderFailureCode; isTransient: boolean }>> = {
  unreachable: { code: "network", isTransient: true },
  name_unknown: { code: "network", isTransient: false },
  certificate: { code: "network", isTransient: false },
  reset: { code: "network", isTransient: true },
  header_timeout: { code: "timeout", isTransient: false },
  idle_timeout: { code: "timeout", isTransient: false },
  redirect: { code: "bad_response", isTransient: false },
  not_a_stream: { code: "bad_response", isTransient: false },
  too_large: { code: "bad_response", isTransient: false },
};

function transportTrouble(error: TransportError, subject: Subject): Trouble {
  const { code, isTransient } = faults[error.fault];
  return {
    failure: failure(code, subject, {
      tags: "",
      message: error.detail ?? "",
      headers: {},
      fault: error.fault,
    }),
    isTransient,
  };
}

function failure(
  code: ProviderFailureCode,
  { vendor, model }: Subject,
  cause: VendorError & { readonly fault?: TransportFault; readonly waitMs?: number },
): ProviderFailure {
  const detail = redactDetail(cause.message, vendor.secrets);
  const say = sentences[code]({ vendor, model: cutBytes(model.replace(/[^\w.:/@+-]/g, "?"), 100), ...cause });
  return { code, say: cutBytes(say, 500), ...(detail === "" ? {} : { detail }) };
}
