import type { JsonObject } from "@carapace/protocol";
import { ok, type Result } from "@carapace/protocol/failures";
import { callerSecrets } from "./auth.ts";
import { isJsonObject } from "./load/merge.ts";
import { type Loaded, loadStages, refuseLoad } from "./load/pipeline.ts";
import { configPathOf, stateDirOf } from "./paths.ts";
import type { Secret } from "./secret.ts";
import type { Environment } from "./types.ts";

/** What a short-lived command needs to reach the gateway. */
export interface Peek {
  readonly port: number;
  readonly token?: Secret;
  readonly password?: Secret;
  readonly stateDir: string;
  readonly configPath: string;
  readonly logLevel?: string;
}

/** The gateway's port unless the file says otherwise. */
export const defaultPort = 18789;

/** Reads the few keys that reach the gateway, without the schema library: a command must answer at once. */
export async function peekConfig(env: Environment): Promise<Result<Peek>> {
  const configPath = configPathOf(env);
  const outcome = await loadStages({ env, path: configPath });
  if (!outcome.ok) return refuseLoad(outcome.failure, configPath);
  return ok({ stateDir: stateDirOf(env), configPath, ...gatewayKeys(outcome.loaded, env) });
}

function gatewayKeys(
  { resolved, env: section }: Loaded,
  env: Environment,
): Omit<Peek, "stateDir" | "configPath"> {
  const gateway = objectAt(resolved, "gateway");
  const level = objectAt(resolved, "logging")["level"];
  const lookup = (name: string) =>
    section.locked.has(name) ? undefined : (section.values.get(name) ?? env[name]);
  return {
    port: portOf(gateway["port"]),
    ...callerSecrets(objectAt(gateway, "auth"), lookup),
    ...(typeof level === "string" && { logLevel: level }),
  };
}

function portOf(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65535
    ? value
    : defaultPort;
}

function objectAt(tree: JsonObject, name: string): JsonObject {
  const value = Object.hasOwn(tree, name) ? tree[name] : undefined;
  return isJsonObject(value) ? value : {};
}
