import { type FailureCode, failures, type Refusal } from "@carapace/protocol";
import { json } from "../http/json.ts";

/** What an OpenAI client is told of a failure (http.md §11). */
export interface ApiError {
  readonly status: number;
  readonly type: "invalid_request_error" | "api_error" | "rate_limit_error";
  readonly message: string;
  /** The part of the request that is wrong: `messages.0.content`. */
  readonly param?: string;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Pure. The object that clients read. */
export function errorObject({ message, type, param, code }: ApiError) {
  return { error: { message, type, param: param ?? null, code: code ?? null } };
}

/** The same as an answer. */
export function errorAnswer(error: ApiError): Response {
  return json(errorObject(error), error.status, error.headers);
}

/** Pure. A request that cannot be carried out as it is. */
export function invalid(message: string, param?: string): ApiError {
  return { status: 400, type: "invalid_request_error", message, ...(param === undefined ? {} : { param }) };
}

/** Pure. Nobody can answer now; clients of the vendor's own make try again after that many seconds. */
export function busy(message: string, retryAfterSeconds = 1): ApiError {
  const headers = { "Retry-After": String(retryAfterSeconds) };
  return { status: 503, type: "api_error", message, code: "overloaded", headers };
}

/** Pure. A refusal of the gateway, in this API's words. */
export function refused(refusal: Refusal): ApiError {
  const status = statuses[refusal.code] ?? failures[refusal.code].http;
  if (failures[refusal.code].retry) return busy(refusal.say);
  const type = status >= 500 ? "api_error" : "invalid_request_error";
  return { status, type, message: refusal.say, code: refusal.code };
}

const statuses: Partial<Record<FailureCode, number>> = { missing_model: 422, unknown_route: 422 };
