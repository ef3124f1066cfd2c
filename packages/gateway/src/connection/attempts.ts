import { callerKey } from "../http/rate-buckets.ts";
import type { Peer } from "../listen/peer.ts";
import { setNewest } from "./set-newest.ts";

/**
 * Slows guessing down: failed credentials cost the address time (websocket.md §5), and only so many a minute are heard
 * at all (http.md §3.3). Memory is bounded.
 */
export interface Attempts {
  /**
   * Takes the address's next turn. Parallel attempts queue behind each other, so that many sockets do not help.
   * @returns how long to wait, in ms, before the credential is looked at; undefined if the queue is too long, or the
   * address has failed too often within a minute.
   */
  reserve(peer: Peer, nowMs: number): number | undefined;
  failed(peer: Peer, nowMs: number): void;
  succeeded(peer: Peer): void;
}

interface Failures {
  failures: number;
  nextFreeMs: number;
  forgottenAtMs: number;
  /** How many more may fail now, and since when that is so. */
  left: number;
  leftAtMs: number;
}

const freeFailures = 3;
const stepMs = 250;
/** Below the handshake's 10 s. */
const maxWaitMs = 8000;
const maxLocalWaitMs = 1000;
const memoryMs = 600_000;
const maxAddresses = 4096;
const usualMaxPerMinute = 10;

/** @param maxPerMinute Failures of one address; a program on this machine is only slowed down. */
export function createAttempts(maxPerMinute: () => number = () => usualMaxPerMinute): Attempts {
  const records = new Map<string, Failures>();
  const live = (ip: string, nowMs: number): Failures | undefined => {
    const record = records.get(ip);
    if (record === undefined || nowMs < record.forgottenAtMs) return record;
    records.delete(ip);
    return undefined;
  };
  return {
    reserve(peer, nowMs) {
      const record = live(recordOf(peer), nowMs);
      if (record !== undefined && !peer.isLocalDirect && leftAt(record, maxPerMinute(), nowMs) < 1)
        return undefined;
      const pauseMs = pauseAfter(record?.failures ?? 0);
      if (record === undefined || pauseMs === 0) return 0;
      // A local program can fail as often as it likes; the owner beside it must still get in, so nothing queues.
      if (peer.isLocalDirect) return Math.min(pauseMs, maxLocalWaitMs);
      const startMs = Math.max(nowMs, record.nextFreeMs);
      const waitMs = startMs - nowMs + pauseMs;
      if (waitMs > maxWaitMs) return undefined;
      record.nextFreeMs = startMs + pauseMs;
      return waitMs;
    },
    failed(peer, nowMs) {
      const max = maxPerMinute();
      const record = live(recordOf(peer), nowMs) ?? newcomer(max, nowMs);
      record.left = Math.max(0, leftAt(record, max, nowMs) - 1);
      record.leftAtMs = nowMs;
      record.failures += 1;
      record.forgottenAtMs = nowMs + memoryMs;
      setNewest(records, [recordOf(peer), record], maxAddresses);
    },
    succeeded(peer) {
      records.delete(recordOf(peer));
    },
  };
}

function newcomer(max: number, nowMs: number): Failures {
  return { failures: 0, nextFreeMs: nowMs, forgottenAtMs: 0, left: max, leftAtMs: nowMs };
}

function leftAt({ left, leftAtMs }: Failures, max: number, nowMs: number): number {
  return Math.min(max, left + (Math.max(0, nowMs - leftAtMs) / 60_000) * max);
}

/** Who is behind a proxy on this machine shares its address with the owner, but not the owner's record. */
function recordOf({ ip, isLocalDirect }: Peer): string {
  return isLocalDirect ? "this machine" : callerKey(ip);
}

function pauseAfter(failures: number): number {
  if (failures < freeFailures) return 0;
  return Math.min(maxWaitMs / 2, stepMs * 2 ** Math.min(failures - freeFailures, 10));
}
