import { type Result, refuse, responseError, responseOk } from "@carapace/protocol";
import { fitsBytes } from "./limits.ts";

/** Writes the answer to a request; one above `maxBytes` could never be queued and becomes a refusal. Never throws. */
export function replyText(id: string, result: Result<unknown>, maxBytes: number): string {
  if (!result.ok) return JSON.stringify(responseError(id, result));
  const text = written(id, result.value);
  if (text === undefined) return failure(id, "the answer could not be written; the gateway is at fault");
  return fitsBytes(text, maxBytes)
    ? text
    : failure(id, "the answer is too big to send; ask for less at a time");
}

function written(id: string, value: unknown): string | undefined {
  try {
    return JSON.stringify(responseOk(id, value));
  } catch {
    return undefined;
  }
}

function failure(id: string, say: string): string {
  return JSON.stringify(responseError(id, refuse("unavailable", say)));
}
