import { json } from "../http/json.ts";

/** What a hook answers, before it becomes a response; kept as it is for a call that comes again. */
export interface HookAnswer {
  readonly status: number;
  /** JSON; absent: an empty body. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A refusal in the hooks' words (http.md §8). */
export function refusal(
  status: number,
  error: string,
  more: Readonly<Record<string, unknown>> = {},
): HookAnswer {
  return { status, body: { ok: false, error, ...more } };
}

export function toResponse({ status, body }: HookAnswer): Response {
  if (body === undefined) return new Response(null, { status });
  if (status === 503) return json(body, status, { "Retry-After": "5" });
  return json(body, status);
}

export function isAccepted({ status }: HookAnswer): boolean {
  return status >= 200 && status < 300;
}
