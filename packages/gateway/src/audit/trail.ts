import type { ConfigStore } from "@carapace/config";
import { createRedactor } from "@carapace/config/redaction";
import type { Audit } from "@carapace/state";
import type { Log } from "../log/log.ts";
import type { GatewayFacts } from "../methods/services.ts";
import { type Arrivals, createArrivals } from "./arrivals.ts";

export interface TrailDeps {
  readonly audit: Audit;
  readonly config: Pick<ConfigStore, "current" | "onChange">;
  readonly facts: Pick<GatewayFacts, "version">;
  readonly log: Pick<Log, "warn">;
}

/** What the gateway as a whole tells the audit log: its start, every change of the configuration in force, and who came. */
export function startAuditTrail({
  audit,
  config,
  facts,
  log,
}: TrailDeps): { arrivals: Arrivals } & Disposable {
  const arrivals = createArrivals({ audit, log });
  const { hash } = config.current();
  const started = {
    version: facts.version,
    pid: process.pid,
    ...(hash === null ? {} : { config_hash: hash }),
  };
  audit.record({ actor: "gateway", event: "gateway_started", data: started });
  config.onChange((_snapshot, { applied, needsRestart }) => {
    const keys = [...applied, ...needsRestart];
    if (keys.length === 0) return;
    const key_path = keys.slice(0, 16).join(", ");
    audit.record({
      actor: "owner",
      event: "config_changed",
      data: { key_path, actor: "owner", method: "reload" },
    });
  });
  return { arrivals, [Symbol.dispose]: () => arrivals[Symbol.dispose]() };
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
