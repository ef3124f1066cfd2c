import type { Post } from "./post.ts";

const timeoutMs = 30_000;
/** Nothing of the body is read: a receiver that answers at length has answered all the same. */
const maxBytes = 100 * 1024 * 1024;

/** Posts through the guarded fetch: to a checked address only, without following a redirect (http.md §14). */
export const guardedPost: Post = async ({ url, headers, body, allowPrivate }, signal) => {
  // Loaded with the first message: most gateways never send one.
  const { openFetch } = await import("@carapace/fetch");
  const schemes = allowPrivate ? (["https", "http"] as const) : (["https"] as const);
  const limits = { timeoutMs, maxBytes, redirects: 0 } as const;
  const opened = await openFetch(url, {
    method: "POST",
    ...{ headers, body, schemes, allowPrivate, signal },
    ...limits,
  });
  if (!opened.ok) {
    const { reason, say, mayHaveArrived } = opened;
    const isTransient = opened.isTransient || reason === "aborted";
    const advice =
      reason === "blocked_address" && !allowPrivate
        ? " If it is a receiver of yours, set webhook.allowPrivate to true."
        : "";
    return { kind: "none", say: `${say}${advice}`, isTransient, mayHaveArrived };
  }
  await using answer = opened.value;
  const { status } = answer;
  return { kind: "answer", status, retryAfter: answer.headers.get("retry-after") ?? undefined };
};
