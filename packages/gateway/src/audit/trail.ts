import type { ConfigSnapshot, ConfigStore } from "@carapace/config";
import { createRedactor } from "@carapace/config/redaction";
import { type Audit, keyLocation, type State } from "@carapace/state";
import type { Log } from "../log/log.ts";
import type { GatewayFacts } from "../methods/services.ts";
import { type Arrivals, createArrivals } from "./arrivals.ts";
import { shownPaths } from "./config-changes.ts";
import { countOpened } from "./opened-secrets.ts";

export interface TrailDeps {
  readonly state: Pick<State, "audit" | "settings">;
  readonly config: Pick<ConfigStore, "current" | "onChange">;
  readonly facts: Pick<GatewayFacts, "version" | "stateDir">;
  readonly log: Pick<Log, "warn">;
}

/** What the gateway as a whole tells the audit log: its start, every change of the configuration in force, and who came. */
export function startAuditTrail({
  state,
  config,
  facts,
  log,
}: TrailDeps): { arrivals: Arrivals } & Disposable {
  const { audit } = state;
  const arrivals = createArrivals({ audit, log });
  const { hash } = config.current();
  const started = {
    version: facts.version,
    pid: process.pid,
    ...(hash === null ? {} : { config_hash: hash }),
  };
  audit.record({ actor: "gateway", event: "gateway_started", data: started });
  tellOpened(audit, config.current());
  tellKeyPlace(state, facts.stateDir).catch((error: unknown) => {
    log.warn("where the database key is could not be written to the audit log", { error });
  });
  config.onChange((snapshot, { applied, needsRestart }) => {
    tellOpened(audit, snapshot);
    const keys = [...applied, ...needsRestart];
    if (keys.length === 0) return;
    const data = { key_path: shownPaths(keys), actor: "owner", method: "reload" };
    audit.record({ actor: "owner", event: "config_changed", data });
  });
  return { arrivals, [Symbol.dispose]: () => arrivals[Symbol.dispose]() };
}

/** The start has narrowed it; who could look in until then, nobody knows. @param observedMode permission bits */
export function tellWideDirectory(audit: Pick<Audit, "record">, observedMode: number | undefined): void {
  const wide = (observedMode ?? 0) & 0o077;
  if (observedMode === undefined || wide === 0) return;
  const data = { observed_mode: observedMode, wide_mask: wide };
  audit.record({ actor: "gateway", event: "state_dir_wide_pre_existing", data });
}

function tellOpened(audit: Pick<Audit, "record">, { parsed, resolved }: ConfigSnapshot): void {
  const count = countOpened(parsed, resolved);
  if (count > 0) audit.record({ actor: "gateway", event: "config_secrets_opened", data: { count } });
}

const keyPlaceSetting = "audit.database-key-place";

/** The place is remembered: a key that lies elsewhere than at the last start was moved. */
async function tellKeyPlace({ audit, settings }: TrailDeps["state"], stateDir: string): Promise<void> {
  const { place } = keyLocation(stateDir);
  const before = await settings.get(keyPlaceSetting);
  if (before === place) return;
  const data = { key: "database", from: typeof before === "string" ? before : "none", to: place };
  const event = { actor: "gateway", event: "key_location_changed", data } as const;
  await audit.together(event, () => settings.set(keyPlaceSetting, place));
}

/** Takes secrets out of what the audit log is told; those that the gateway knows follow its configuration. */
export function auditRedactor(secrets: () => readonly string[]): (text: string) => string {
  let of: readonly string[] | undefined;
  let redact = createRedactor();
  return (text) => {
    const known = secrets();
    if (known !== of) redact = createRedactor(known);
    of = known;
    return redact(text);
  };
}
