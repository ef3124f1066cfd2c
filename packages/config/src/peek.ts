import type { JsonObject } from "@carapace/protocol";
import { ok, type Result } from "@carapace/protocol/failures";
import { gatewaySecrets } from "./auth.ts";
import { defaultPort } from "./default-port.ts";
import { lookupIn } from "./load/env-section.ts";
import { isJsonObject } from "./load/merge.ts";
import { loadStages, refuseLoad } from "./load/pipeline.ts";
import { configPathOf, stateDirOf } from "./paths.ts";
import { type Secret, secretOf } from "./secret.ts";
import type { ConfigAccess } from "./types.ts";

/** What a short-lived command needs to reach the gateway. */
export interface Peek {
  readonly port: number;
  readonly token?: Secret;
  readonly password?: Secret;
  readonly stateDir: string;
  readonly configPath: string;
  /** `CARAPACE_DEVICE_IDENTITY_STRICT` (cli.md §2.6). */
  readonly isIdentityStrict: boolean;
}

const yes = new Set(["1", "true", "yes", "on"]);

/** Reads the few keys that reach the gateway, without the schema library: a command must answer at once. */
export async function peekConfig(access: ConfigAccess): Promise<Result<Peek>> {
  const { env } = access;
  const configPath = access.path ?? configPathOf(env);
  const outcome = await loadStages({ ...access, path: configPath });
  if (!outcome.ok) return refuseLoad(outcome.failure, configPath);
  const gateway = objectAt(outcome.loaded.resolved, "gateway");
  const auth = objectAt(gateway, "auth");
  return ok({
    stateDir: stateDirOf(env),
    configPath,
    isIdentityStrict: yes.has(env["CARAPACE_DEVICE_IDENTITY_STRICT"]?.trim().toLowerCase() ?? ""),
    port: portOf(gateway["port"]),
    ...gatewaySecrets(lookupIn(outcome.loaded.env, env), {
      token: secretFrom(auth["token"]),
      password: secretFrom(auth["password"]),
    }),
  });
}

function secretFrom(value: unknown): Secret | undefined {
  return typeof value === "string" ? secretOf(value) : undefined;
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
