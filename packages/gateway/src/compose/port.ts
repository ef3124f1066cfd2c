import type { ConfigStore } from "@carapace/config";
import { type Result, version } from "@carapace/protocol";
import type { Credentials } from "../connection/credentials.ts";
import type { Hub } from "../connection/hub.ts";
import { defaultLimits } from "../connection/limits.ts";
import { tailscaleWhois } from "../connection/tailscale.ts";
import { definedOnly } from "../defined-only.ts";
import type { Csrf } from "../http/csrf.ts";
import { httpSettings } from "../http/settings.ts";
import { listen } from "../listen/listener.ts";
import type { Listener } from "../listen/options.ts";
import type { Log } from "../log/log.ts";
import type { GatewayFacts, Services } from "../methods/services.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { countFds } from "../resources/monitor.ts";
import type { World } from "../types.ts";
import type { Address } from "./address.ts";
import { failingChecks } from "./failing-checks.ts";
import type { Opening } from "./opening.ts";
import { createStorageProbe, freeBytes } from "./storage.ts";

export interface PortParts {
  readonly address: Address;
  readonly credentials: Credentials;
  readonly config: ConfigStore;
  readonly world: World;
  readonly hub: Hub;
  readonly opening: Opening;
  readonly health: Services["health"];
  readonly facts: GatewayFacts;
  readonly csrf: Csrf;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Opens the port; what is behind it answers as soon as it is composed. */
export function openPort(parts: PortParts): Result<Listener> {
  const { address, credentials, config, world, hub, opening, facts } = parts;
  const { config: settings, lookup } = config.current();
  const { ws, controlUi, tailscale } = settings.gateway;
  const isWritable = createStorageProbe(facts.stateDir, world.newId, world.nowMs);
  const commit = lookup("GIT_COMMIT");
  const failing = () => failingChecks(opening, isWritable);
  return listen({
    ...address,
    credentials,
    limits: { ...defaultLimits, ...ws },
    controlUi,
    isTailnetServed: tailscale.mode === "serve",
    ...(credentials.allowTailscale ? { whois: tailscaleWhois(tailscale.cliPath) } : {}),
    server: { version, host: lookup("HOSTNAME") ?? "unknown", ...(commit === undefined ? {} : { commit }) },
    startedAtMs: facts.startedAtMs,
    nowMs: world.nowMs,
    newId: world.newId,
    hub,
    pairing: opening.pairing,
    arrivals: opening.arrivals,
    handlers: opening.handlers,
    health: parts.health,
    isReady: async () => (await failing()).length === 0,
    failing,
    facts: async () => {
      const [storageWritable, diskFreeBytes, openFds] = await Promise.all([
        isWritable(),
        freeBytes(facts.stateDir),
        countFds(),
      ]);
      const { status: state, reasons: stateReasons } = parts.health();
      const sessionCount = await opening.sessionCount();
      const stored = definedOnly({ state, stateReasons, sessionCount, diskFreeBytes, openFds });
      const { total: totalChannels, connected: connectedChannels } = opening.channelCounts();
      const llmReachable = opening.reached()?.isReachable;
      return {
        ...definedOnly({ llmReachable }),
        ...{ connectedChannels, totalChannels, storageWritable, ...stored },
      };
    },
    httpSettings: () => httpSettings(config.current().config),
    csrf: parts.csrf,
    metrics: parts.metrics,
    hooksToken: () => config.current().config.gateway.hooks.token?.reveal(),
    log: parts.log,
  });
}
