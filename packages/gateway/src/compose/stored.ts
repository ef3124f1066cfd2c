import { configPassword } from "@carapace/config";
import { ok, type Result, refuse } from "@carapace/protocol";
import { keyLocation, openState, type State, systemStateKeys } from "@carapace/state";
import type { Arrivals } from "../audit/arrivals.ts";
import { auditRedactor, startAuditTrail, tellWideDirectory } from "../audit/trail.ts";
import { sparingDisk } from "../media/disk-floor.ts";
import { knownSecrets } from "../models/secrets.ts";
import type { CoreOptions } from "./core.ts";
import { rejectingDamage } from "./rejecting-damage.ts";
import { freeBytes } from "./storage.ts";
import { watchWrites } from "./watched-writes.ts";

/** The database as the gateway works with it. */
interface Stored {
  readonly state: State;
  readonly arrivals: Arrivals;
  /** Every secret text the gateway knows of. */
  readonly secrets: () => readonly string[];
}

type StoredOptions = Pick<
  CoreOptions,
  "world" | "config" | "log" | "facts" | "health" | "credential" | "observedMode"
>;

/** Opens the state and starts its audit log; refused if its key may not lie where it does. Closed by `opened`. */
export async function openStored(
  options: StoredOptions,
  opened: AsyncDisposableStack,
): Promise<Result<Stored>> {
  const { world, config, log, facts, health } = options;
  const { env, nowMs, newId } = world;
  const dir = facts.stateDir;
  const own = options.credential === undefined ? [] : [options.credential];
  const secrets = knownSecrets(config, env, own);
  const stored = opened.use(
    await openState({
      dir,
      keys: systemStateKeys({ dir, env, nowMs, password: configPassword(env) }),
      newId,
      nowMs,
      redact: auditRedactor(secrets),
      onAuditFault: (error) => log.target("audit").error("the audit log could not be written", { error }),
      onDamageChange: () => health.changed(),
    }),
  );
  const trail = opened.use(startAuditTrail({ state: stored, config, facts, log: log.target("audit") }));
  tellWideDirectory(stored.audit, options.observedMode);
  const { place, say } = keyLocation(dir);
  if (place === "file" && config.current().config.sessions.encryption.mode === "required")
    return refuse("unavailable", keyInTheOpen);
  if (say !== undefined) log.target("state").warn(say, { place });
  health.watch(stored);
  const floorMiB = () => config.current().config.gateway.resources.minDiskFreeMiB;
  const spared = sparingDisk(stored, { freeBytes: () => freeBytes(dir), floorMiB });
  const state = rejectingDamage(watchWrites(spared, health), config);
  return ok({ state, arrivals: trail.arrivals, secrets });
}

const keyInTheOpen =
  "sessions.encryption.mode is required, but the database key lies in a plain file: set CARAPACE_CONFIG_PASSWORD or " +
  "provide a credential store, then run cara state rekey";
