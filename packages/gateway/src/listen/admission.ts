export interface AdmissionLimits {
  readonly maxConnections: number;
  /** Loopback is exempt, but counts in the total. */
  readonly maxPerIp: number;
}

/** Counts open WebSocket connections (websocket.md §8). */
export interface Admission {
  /** @returns false at a cap; each success is undone by one `leave`. */
  enter(peer: { readonly ip: string; readonly isLoopback: boolean }): boolean;
  leave(peer: { readonly ip: string; readonly isLoopback: boolean }): void;
  readonly count: number;
}

export function createAdmission(limits: AdmissionLimits): Admission {
  const perIp = new Map<string, number>();
  let total = 0;
  return {
    enter({ ip, isLoopback }) {
      const mine = perIp.get(ip) ?? 0;
      if (total >= limits.maxConnections || (!isLoopback && mine >= limits.maxPerIp)) return false;
      total += 1;
      if (!isLoopback) perIp.set(ip, mine + 1);
      return true;
    },
    leave({ ip, isLoopback }) {
      total -= 1;
      if (isLoopback) return;
      const left = (perIp.get(ip) ?? 1) - 1;
      if (left > 0) perIp.set(ip, left);
      else perIp.delete(ip);
    },
    get count() {
      return total;
    },
  };
}
