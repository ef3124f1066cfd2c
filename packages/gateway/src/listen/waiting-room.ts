import type { Peer } from "./peer.ts";

/** A socket that has not proved yet whose it is. */
export interface Newcomer {
  readonly peer: Pick<Peer, "ip" | "isLoopback">;
  readonly sinceMs: number;
  /** Closes it. */
  dismiss(): void;
}

export interface WaitingRoomLimits {
  readonly maxNewcomers: number;
  /** Loopback is exempt, but counts in the total. */
  readonly maxNewcomersPerIp: number;
}

/** The places for sockets between upgrade and `hello-ok`: few, because each may hold an unfinished message. */
export interface WaitingRoom {
  /** @returns false if there is no place. */
  enter(newcomer: Newcomer): boolean;
  /** It was let in, or is gone. Twice is as good as once. */
  leave(newcomer: Newcomer): void;
}

/** An honest client says what it has to in milliseconds. */
const patienceMs = 1000;

/**
 * When all places are taken, whoever has waited for more than a second makes room: silent sockets cannot keep the
 * owner out.
 */
export function createWaitingRoom({ maxNewcomers, maxNewcomersPerIp }: WaitingRoomLimits): WaitingRoom {
  // In the order they came.
  const waiting = new Set<Newcomer>();
  const hasPlaceFor = ({ ip, isLoopback }: Newcomer["peer"]) => {
    if (isLoopback) return true;
    const sameIp = [...waiting].filter(({ peer }) => peer.ip === ip);
    return sameIp.length < maxNewcomersPerIp;
  };
  const makeRoom = (nowMs: number) => {
    if (waiting.size < maxNewcomers) return true;
    const [oldest] = waiting;
    if (oldest === undefined || nowMs - oldest.sinceMs < patienceMs) return false;
    waiting.delete(oldest);
    oldest.dismiss();
    return true;
  };
  return {
    enter(newcomer) {
      if (!hasPlaceFor(newcomer.peer) || !makeRoom(newcomer.sinceMs)) return false;
      waiting.add(newcomer);
      return true;
    },
    leave(newcomer) {
      waiting.delete(newcomer);
    },
  };
}
