import { callerKey, createRateBuckets, type Rate, type Taken } from "./rate-buckets.ts";

/** Which rate holds below which path; the first prefix that fits counts (http.md §3.3). */
export interface RateRules {
  readonly isEnabled: boolean;
  readonly prefixes: readonly { readonly prefix: string; readonly rate: Rate }[];
  readonly rest: Rate;
}

export interface RateLimits {
  /**
   * Counts one request.
   * @param caller Its client's address; undefined for a program on this machine, which is not limited.
   */
  count(path: string, caller: string | undefined, rules: RateRules): Counted;
}

/** What one request is told of its caller's limit. */
export interface Counted {
  readonly isAllowed: boolean;
  /** For every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly retryAfterSeconds: number;
}

export function createRateLimits(nowMs: () => number): RateLimits {
  const buckets = createRateBuckets();
  return {
    count(path, caller, rules) {
      const at = rules.prefixes.findIndex(({ prefix }) => path.startsWith(prefix));
      const rate = rules.prefixes[at]?.rate ?? rules.rest;
      const isLimited = rules.isEnabled && caller !== undefined;
      const taken = isLimited
        ? buckets.take(`${at} ${callerKey(caller)}`, rate, nowMs())
        : { isAllowed: true, remaining: rate.burst, resetSeconds: 1 };
      const { isAllowed, resetSeconds } = taken;
      return { isAllowed, headers: headersOf(rate, taken), retryAfterSeconds: resetSeconds };
    },
  };
}

/** The refusal of http.md §3.3. */
export function tooManyRequests(retryAfterSeconds: number): Response {
  const error = {
    code: "rate_limit_exceeded",
    message: "Too many requests",
    retryAfter: retryAfterSeconds,
  };
  return new Response(JSON.stringify({ error }), {
    status: 429,
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      "Retry-After": String(retryAfterSeconds),
    },
  });
}

function headersOf({ perSecond, burst }: Rate, { remaining, resetSeconds }: Taken) {
  return {
    "X-RateLimit-Limit": String(perSecond),
    RateLimit: `limit=${burst}, remaining=${remaining}, reset=${resetSeconds}`,
  };
}
