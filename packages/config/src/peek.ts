import type { JsonObject } from "@carapace/protocol";
import { ok, type Result } from "@carapace/protocol/failures";
import { gatewaySecrets } from "./auth.ts";
import { defaultPort } from "./default-port.ts";
import { lookupIn } from "./load/env-section.ts";
import { issuePath } from "./load/issue-path.ts";
import { isJsonObject } from "./load/merge.ts";
import { type Loaded, type LoadOptions, type LoadOutcome, loadStages, refuseLoad } from "./load/pipeline.ts";
import type { Finding } from "./load/places.ts";
import { configPathOf, stateDirOf } from "./paths.ts";
import { closedOpener } from "./seal/opener.ts";
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
  /** What the owner should know: a credential that is set, but sealed and not opened. */
  readonly warnings: readonly string[];
}

const yes = new Set(["1", "true", "yes", "on"]);

/** Reads the few keys that reach the gateway, without the schema library: a command must answer at once. */
export async function peekConfig(access: ConfigAccess): Promise<Result<Peek>> {
  const { env } = access;
  const configPath = access.path ?? configPathOf(env);
  const outcome = await loadForCredential({ ...access, path: configPath });
  if (!outcome.ok) return refuseLoad(outcome.failure, configPath);
  const gateway = objectAt(outcome.loaded.resolved, "gateway");
  const auth = objectAt(gateway, "auth");
  return ok({
    stateDir: stateDirOf(env),
    configPath,
    isIdentityStrict: yes.has(env["CARAPACE_DEVICE_IDENTITY_STRICT"]?.trim().toLowerCase() ?? ""),
    port: portOf(gateway["port"]),
    warnings: lockedCredentials(outcome.loaded).map(({ path, message }) => `${issuePath(path)}: ${message}`),
    ...gatewaySecrets(lookupIn(outcome.loaded.env, env), {
      token: secretFrom(auth["token"]),
      password: secretFrom(auth["password"]),
    }),
  });
}

/** A key from the password takes longer than the whole command: it is derived only if the credential itself is sealed. */
async function loadForCredential(options: LoadOptions): Promise<LoadOutcome> {
  const closed = await loadStages({ ...options, opener: closedOpener });
  return closed.ok && lockedCredentials(closed.loaded).length > 0 ? loadStages(options) : closed;
}

const variables: readonly unknown[] = ["CARAPACE_GATEWAY_TOKEN", "CARAPACE_GATEWAY_PASSWORD"];

/** Sealed values that stand for the credential and did not open. */
function lockedCredentials({ locked }: Loaded): readonly Finding[] {
  return locked.filter(
    ({ path }) => path[0] === "gateway" || (path[0] === "env" && variables.includes(path.at(-1))),
  );
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
