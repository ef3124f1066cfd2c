import { type HealthResult, policy } from "@carapace/protocol";
import type { Audit, Damage, State } from "@carapace/state";
import { recordDamage } from "../audit/damage.ts";
import type { Hub } from "../connection/hub.ts";
import type { Log } from "../log/log.ts";

/** So that a thousand damaged sessions do not fill every new client's first frame. */
const maxReasons = 10;

export interface HealthDeps {
  readonly startedAtMs: number;
  readonly hub: Pick<Hub, "counters" | "publish">;
  readonly log: Log;
}

/** The state, and the log which is told of its damage, too. */
interface Watched extends Pick<State, "damage"> {
  readonly audit?: Pick<Audit, "record">;
}

/** What `health` answers, and who tells when it changes (websocket.md §10, §12.1). */
export interface Health {
  now(): HealthResult;
  /** From now on the state's damage counts; it is looked at once. */
  watch(state: Watched): void;
  /** From now on it tells how many channels there are, and how many of them are connected. */
  watchChannels(counts: () => { readonly total: number; readonly connected: number }): void;
  /** The damage may have changed: it is looked at soon, once for many calls. Never throws. */
  changed(): void;
  /** The disk took no more: degraded, with this sentence, until a write succeeds. */
  writeRefused(say: string): void;
  writeDone(): void;
  /** What runs short, in sentences; degraded until there is nothing. */
  resources(reasons: readonly string[]): void;
}

/**
 * Degraded while a stored record does not verify or the disk takes no more, with the reasons; each damage is logged
 * when it is found.
 */
export function createHealth({ startedAtMs, hub, log }: HealthDeps): Health {
  let state: Watched | undefined;
  let known: readonly Damage[] = [];
  let told: HealthResult["status"] = "healthy";
  let isDue = false;
  let refusedWrite: string | undefined;
  let channels: Parameters<Health["watchChannels"]>[0] | undefined;
  let short: readonly string[] = [];

  const now = (): HealthResult => {
    const ws = {
      ...hub.counters(),
      matrixVerificationRateLimitDropTotal: 0,
      maxBufferedBytes: policy.maxBufferedBytes,
    };
    const damage = state?.damage() ?? [];
    const reasons = [...(refusedWrite === undefined ? [] : [refusedWrite]), ...short, ...reasonsOf(damage)];
    const more = { ...(channels === undefined ? {} : { channels: channels() }), ws };
    if (reasons.length === 0) return { ts: startedAtMs, status: "healthy", ...more };
    return { ts: startedAtMs, status: "degraded", reasons, ...more };
  };

  const look = () => {
    isDue = false;
    const before = new Set(known.map(({ say }) => say));
    known = [...(state?.damage() ?? [])];
    for (const damage of known) {
      if (before.has(damage.say)) continue;
      log.error("stored data is damaged", { ...damage });
      if (state?.audit !== undefined) recordDamage(state.audit, damage);
    }
    const health = now();
    if (health.status === told) return;
    told = health.status;
    hub.publish("health", health);
  };

  const changed = () => {
    if (isDue || state === undefined) return;
    isDue = true;
    // Later: damage is found inside of transactions.
    setImmediate(look);
  };

  return {
    now,
    watch(opened) {
      state = opened;
      changed();
    },
    watchChannels(counts) {
      channels = counts;
    },
    changed,
    writeRefused(say) {
      if (refusedWrite === say) return;
      refusedWrite = say;
      changed();
    },
    resources(reasons) {
      short = reasons;
      changed();
    },
    writeDone() {
      if (refusedWrite === undefined) return;
      refusedWrite = undefined;
      changed();
    },
  };
}

function reasonsOf(damage: readonly Damage[]): string[] {
  const shown = damage.slice(0, maxReasons).map(({ say }) => say);
  const more = damage.length - shown.length;
  return more > 0 ? [...shown, `${more} more: the log names them`] : shown;
}
