import { isRecord, type Json } from "@carapace/protocol";

/** What a template or a transform may look at (http.md §8.4). */
export interface HookContext {
  /** Behind the hooks' base, without outer slashes. */
  readonly path: string;
  readonly nowMs: number;
  /** By lower-cased name; never those that hold a credential. */
  readonly headers: ReadonlyMap<string, string>;
  /** As it was sent, with its `?`, or empty. */
  readonly query: string;
  readonly payload: Json;
}

/** What proves a sender is nobody's business behind the door: no template and no transform can hand it on. */
const credentials: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
  "x-carapace-token",
  "x-gitlab-token",
]);

/** The headers a mapping may see. */
export function shownHeaders(headers: Iterable<readonly [string, string]>): ReadonlyMap<string, string> {
  const shown = new Map<string, string>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!credentials.has(lower)) shown.set(lower, value);
  }
  return shown;
}

/** `payload.source` of a payload that has one. */
export function sourceOf(payload: Json): string | undefined {
  const source = isRecord(payload) && Object.hasOwn(payload, "source") ? payload["source"] : undefined;
  return typeof source === "string" ? source : undefined;
}
