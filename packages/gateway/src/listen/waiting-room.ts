import type { Peer } from "./peer.ts";

/** A socket that has not proved yet whose it is. */
export interface Newcomer {
  readonly peer: Pick<Peer, "ip" | "isLoopback" | "isLocalDirect">;
  /** Closes it. */
  dismiss(): void;
}

export interface WaitingRoomLimits {
  /** In each of the two rooms. */
  readonly maxNewcomers: number;
  /** Loopback is exempt: behind a proxy on this machine everybody has its address. */
  readonly maxNewcomersPerIp: number;
}

/** The places for sockets between upgrade and `hello-ok`: few, because each may hold an unfinished message. */
export interface WaitingRoom {
  /** There is always a place: whoever waits longest goes when there is none left. */
  enter(newcomer: Newcomer): void;
  /** It was let in, or is gone. Twice is as good as once. */
  leave(newcomer: Newcomer): void;
}

/**
 * An honest client says what it has to in milliseconds, so the oldest is the likeliest to be idle: silent sockets
 * cannot keep the owner out. Programs on this machine wait apart from everybody else, those behind a proxy included.
 */
export function createWaitingRoom({ maxNewcomers, maxNewcomersPerIp }: WaitingRoomLimits): WaitingRoom {
  // Each in the order they came.
  const local = new Set<Newcomer>();
  const far = new Set<Newcomer>();
  const roomOf = ({ peer }: Newcomer) => (peer.isLocalDirect ? local : far);
  const inTheWay = ({ peer }: Newcomer, room: ReadonlySet<Newcomer>): Newcomer | undefined => {
    const sameIp = peer.isLoopback ? [] : [...room].filter((other) => other.peer.ip === peer.ip);
    if (sameIp.length >= maxNewcomersPerIp) return sameIp[0];
    const [oldest] = room;
    return room.size < maxNewcomers ? undefined : oldest;
  };
  return {
    enter(newcomer) {
      const room = roomOf(newcomer);
      const leaving = inTheWay(newcomer, room);
      if (leaving !== undefined) room.delete(leaving);
      room.add(newcomer);
      leaving?.dismiss();
    },
    leave(newcomer) {
      roomOf(newcomer).delete(newcomer);
    },
  };
}
