import type { Peer } from "../listen/peer.ts";
import { setNewest } from "./set-newest.ts";

/** Slows guessing down: failed credentials cost the address time (websocket.md §5). Memory is bounded. */
export interface Attempts {
  /**
   * Takes the address's next turn. Parallel attempts queue behind each other, so that many sockets do not help.
   * @returns how long to wait, in ms, before the credential is looked at; undefined if the queue is too long.
   */
  reserve(peer: Peer, nowMs: number): number | undefined;
  failed(peer: Peer, nowMs: number): void;
  succeeded(peer: Peer): void;
}

interface Failures {
  failures: number;
  nextFreeMs: number;
  forgottenAtMs: number;
}

const freeFailures = 3;
const stepMs = 250;
/** Below the handshake's 10 s. */
const maxWaitMs = 8000;
const maxLocalWaitMs = 1000;
const memoryMs = 600_000;
const maxAddresses = 4096;

export function createAttempts(): Attempts {
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
      const record = live(recordOf(peer), nowMs) ?? { failures: 0, nextFreeMs: nowMs, forgottenAtMs: 0 };
      record.failures += 1;
      record.forgottenAtMs = nowMs + memoryMs;
      setNewest(records, [recordOf(peer), record], maxAddresses);
    },
    succeeded(peer) {
      records.delete(recordOf(peer));
    },
  };
}

/** Who is behind a proxy on this machine shares its address with the owner, but not the owner's record. */
function recordOf({ ip, isLocalDirect }: Peer): string {
  return isLocalDirect ? "this machine" : ip;
}

function pauseAfter(failures: number): number {
  if (failures < freeFailures) return 0;
  return Math.min(maxWaitMs / 2, stepMs * 2 ** Math.min(failures - freeFailures, 10));
}
