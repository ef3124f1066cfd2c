import { json } from "../http/json.ts";

/** A refusal as the control API words it (http.md §12). */
export function refused(
  status: number,
  error: string,
  rest: Readonly<Record<string, unknown>> = {},
): Response {
  const headers = status === 503 ? { "Retry-After": "5" } : {};
  return json({ ok: false, error, ...rest }, status, headers);
}
