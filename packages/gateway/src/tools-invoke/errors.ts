import { json } from "../http/json.ts";

/** A request that is none of this route's. */
export function wrongRequest(message: string): Response {
  return json({ error: { message, type: "invalid_request_error" } }, 400);
}

/** The tool refused its arguments, or failed. */
export function toolError(message: string): Response {
  return json({ ok: false, error: { type: "tool_error", message } }, 400);
}

/** There is none of that name, or the agent may not use it. */
export function notAvailable(name: string): Response {
  const message = `Tool not available: ${name.slice(0, 128)}`;
  return json({ ok: false, error: { type: "not_found", message } }, 404);
}
