import { isIp } from "@carapace/config";
import { setNewest } from "../connection/set-newest.ts";

/** How often something may happen: `burst` at once, then `perSecond`. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Taken {
  readonly isAllowed: boolean;
  /** Left after this one, whole. */
  readonly remaining: number;
  /** Seconds until nothing is missing, or, if it was refused, until it may happen again; at least 1. */
  readonly resetSeconds: number;
}

/** Token buckets by name, in memory, which forget whoever stays away (http.md §3.3). */
export interface RateBuckets {
  take(name: string, rate: Rate, nowMs: number): Taken;
  readonly size: number;
}

interface Bucket {
  tokens: number;
  updatedMs: number;
}

const sweepEveryMs = 300_000;
const forgottenAfterMs = 600_000;

/** @param maxBuckets When there are more, the one that was not touched for longest goes. */
export function createRateBuckets(maxBuckets = 10_000): RateBuckets {
  const buckets = new Map<string, Bucket>();
  let sweptMs = Number.NEGATIVE_INFINITY;

  function sweep(nowMs: number): void {
    if (nowMs - sweptMs < sweepEveryMs) return;
    sweptMs = nowMs;
    for (const [name, { updatedMs }] of buckets) {
      if (nowMs - updatedMs >= forgottenAfterMs) buckets.delete(name);
    }
  }

  return {
    take(name, { perSecond, burst }, nowMs) {
      sweep(nowMs);
      const before = buckets.get(name) ?? { tokens: burst, updatedMs: nowMs };
      // A clock that was set back must not take tokens away.
      const earned = (Math.max(0, nowMs - before.updatedMs) / 1000) * perSecond;
      const tokens = Math.min(burst, before.tokens + earned);
      const isAllowed = tokens >= 1;
      const left = isAllowed ? tokens - 1 : tokens;
      setNewest(buckets, [name, { tokens: left, updatedMs: nowMs }], maxBuckets);
      const missing = isAllowed ? burst - left : 1 - left;
      return {
        isAllowed,
        remaining: Math.floor(left),
        resetSeconds: Math.max(1, Math.ceil(missing / perSecond)),
      };
    },
    get size() {
      return buckets.size;
    },
  };
}

/** What one caller is counted as: an IPv4 address, or the /64 of an IPv6 one, all of which is usually one customer's. */
export function callerKey(ip: string): string {
  if (isIp(ip) !== 6) return ip;
  const [head = "", tail] = ip.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  // An IPv4 ending stands for two groups; it is never among the first four that count, but for its length.
  const width = after.length + (after.at(-1)?.includes(".") ? 1 : 0);
  const filled = tail === undefined ? groups : [...groups, ...zeros(8 - groups.length - width), ...after];
  return `${filled
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

function zeros(count: number): string[] {
  return Array.from({ length: Math.max(0, count) }, () => "0");
}
