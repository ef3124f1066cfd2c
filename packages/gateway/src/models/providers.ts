import {
  createOfflineProvider,
  createProviders,
  type OpenSignIns,
  type Provider,
  type ProviderSet,
} from "@carapace/agent";
import type { ConfigSnapshot, ConfigStore } from "@carapace/config";
import { ok, type Result } from "@carapace/protocol";
import type { Log } from "../log/log.ts";
import { wait } from "../wait.ts";

export interface ProviderBoxDeps {
  readonly config: ConfigStore;
  readonly nowMs: () => number;
  /** Opens the stored sign-ins when a provider needs one. */
  readonly signIns: OpenSignIns;
  readonly log: Log;
  /** In place of `offline`, and beside the configured ones; for tests. */
  readonly extra?: readonly Provider[];
}

/** The providers of the configuration in force. */
export interface ProviderBox {
  current(): ProviderSet;
}

/**
 * Builds the providers, and builds them anew when a reload changes their settings; settings that cannot work veto the
 * reload, and the old providers stay (config.md §9).
 */
export function createProviderBox(deps: ProviderBoxDeps): Result<ProviderBox> {
  const built = build(deps.config.current(), deps);
  if (!built.ok) return built;
  let current = built.value;
  let next: ProviderSet | undefined;
  warn(current, deps.log);
  deps.config.onBeforeChange((snapshot) => {
    const rebuilt = build(snapshot, deps);
    next = rebuilt.ok ? rebuilt.value : undefined;
    return rebuilt.ok ? ok(undefined) : rebuilt;
  });
  deps.config.onChange(() => {
    if (next === undefined || isSame(next, current)) return;
    current = next;
    deps.log.info("providers were set up anew", { providers: current.list().map((provider) => provider.id) });
    warn(current, deps.log);
  });
  return ok({ current: () => current });
}

function build(
  snapshot: ConfigSnapshot,
  { nowMs, signIns, extra = [] }: ProviderBoxDeps,
): Result<ProviderSet> {
  const replaced = extra.some((provider) => provider.id === "offline");
  const builtIn = replaced ? [] : [createOfflineProvider()];
  return createProviders(snapshot, {
    nowMs,
    signIns,
    random: Math.random,
    sleep: wait,
    extra: [...builtIn, ...extra],
  });
}

/** Equal settings keep the providers: their connections, and what Ollama said of its models. */
function isSame(a: ProviderSet, b: ProviderSet): boolean {
  const text = (set: ProviderSet) => JSON.stringify(Object.entries(set.fingerprint).sort());
  return text(a) === text(b);
}

function warn({ warnings }: ProviderSet, log: Log): void {
  for (const warning of warnings) log.warn(warning);
}
