/** A request that is being answered. */
export interface Flight {
  /** What ends it early when the gateway stops; replaces what was said before. */
  onCut(cut: () => void): void;
  /** It is answered. Twice is as good as once. */
  end(): void;
}

/** The requests that are being answered, for a stop that lets them end (http.md §15.2). */
export interface Flights {
  /** @param onEnd Called once, when it ends. */
  begin(onEnd: () => void): Flight;
  /** Resolves once there are none. */
  landed(): Promise<void>;
  cutAll(): void;
  readonly count: number;
}

export function createFlights(): Flights {
  const open = new Map<Flight, () => void>();
  let waiting: (() => void)[] = [];
  return {
    begin(onEnd) {
      const flight: Flight = {
        onCut(cut) {
          if (open.has(flight)) open.set(flight, cut);
        },
        end() {
          if (!open.delete(flight)) return;
          onEnd();
          if (open.size > 0) return;
          for (const done of waiting) done();
          waiting = [];
        },
      };
      open.set(flight, () => undefined);
      return flight;
    },
    landed: () => (open.size === 0 ? Promise.resolve() : new Promise((done) => void waiting.push(done))),
    cutAll() {
      for (const cut of [...open.values()]) cut();
    },
    get count() {
      return open.size;
    },
  };
}
