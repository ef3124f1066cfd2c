import type { ProviderFailure, ProviderFailureCode } from "../types.ts";

/** A model that is not asked for a while, because it failed. */
export interface Cooling {
  readonly model: string;
  readonly untilMs: number;
  /** What it failed with, for the owner. */
  readonly why: string;
}

/** Remembers which models failed, so that not every turn waits for the same failure (agent.md §4.1 *Better*). */
export interface CoolDown {
  find(model: string): Cooling | undefined;
  /** Twice as long each time, up to ten minutes. */
  failed(model: string, failure: ProviderFailure): void;
  answered(model: string): void;
  list(): readonly Cooling[];
}

const minute = 60_000;
const longest = 10 * minute;

/**
 * How long a model rests after such a failure; with 0 another model is not asked in its place either: the request itself
 * is at fault, or the vendor declined it, which is not to be got round.
 */
const restMs: Readonly<Record<ProviderFailureCode, number>> = {
  auth: longest,
  quota: longest,
  no_such_model: longest,
  rate_limit: minute,
  timeout: minute,
  overloaded: minute / 2,
  network: minute / 2,
  bad_response: minute / 2,
  context_overflow: 0,
  content_filter: 0,
  bad_request: 0,
};

/** Pure. Whether another model may well do what this one could not. */
export function isWorthAnother({ code }: ProviderFailure): boolean {
  return restMs[code] > 0;
}

export function createCoolDown(nowMs: () => number): CoolDown {
  const failures = new Map<string, Cooling & { readonly times: number }>();
  const find = (model: string) => {
    const found = failures.get(model);
    const leftMs = (found?.untilMs ?? 0) - nowMs();
    // None rests longer than that: the clock was set back since.
    return leftMs <= 0 || leftMs > longest ? undefined : found;
  };
  return {
    find,
    failed(model, { code, say }) {
      const times = (failures.get(model)?.times ?? 0) + 1;
      const rest = Math.min(longest, restMs[code] * 2 ** (times - 1));
      failures.set(model, { model, untilMs: nowMs() + rest, why: say, times });
    },
    answered: (model) => void failures.delete(model),
    list: () =>
      [...failures.keys()].flatMap((model) => find(model) ?? []).map(({ times: _, ...cooling }) => cooling),
  };
}
