import { join } from "node:path";
import type { Secret } from "@carapace/config";
import { type Peek, peekConfig } from "@carapace/config/peek";
import type { CredentialStore } from "@carapace/secrets";
import type { CliWorld } from "../world.ts";

/** What a client command knows before it talks to a gateway (cli.md §2.1, §2.2). */
export interface Settings {
  readonly stateDir: string;
  readonly port: number;
  readonly deviceIdentityPath: string;
  /** The device key must not be kept in a file (cli.md §2.6). */
  readonly isIdentityStrict: boolean;
  /** How long ago the configuration file changed, in milliseconds; infinitely long without one. */
  configAgeMs(): Promise<number>;
  /** Looked up when needed: not every command may send one. */
  credentials(): Promise<Credentials>;
  /** Opened when it is first needed, once. */
  credentialStore(): Promise<CredentialStore>;
}

/**
 * What proves the owner to a gateway. Both may be set: which one counts is the gateway's mode. `local` is the token
 * the gateway of this machine made for itself; it never leaves the machine.
 */
export type Credentials =
  | { readonly source: "configured"; readonly token?: string; readonly password?: string }
  | { readonly source: "local"; readonly token: string }
  | { readonly source: "none" };

/** A configuration that does not load is told, and must not keep the owner from asking what is wrong. */
export async function readSettings(world: CliWorld): Promise<Settings> {
  const { stateDir, port, isIdentityStrict, token, password } = await peekOrDefaults(world);
  world.out.hide([token, password].flatMap((secret) => secret?.reveal() ?? []));
  let store: Promise<CredentialStore> | undefined;
  const credentialStore = (): Promise<CredentialStore> => {
    store ??= openStore(world, stateDir);
    return store;
  };
  return {
    stateDir,
    port,
    isIdentityStrict,
    deviceIdentityPath: join(stateDir, "device-identity.json"),
    credentialStore,
    async configAgeMs() {
      const [{ configPathOf }, { stat }] = await Promise.all([
        import("@carapace/config"),
        import("node:fs/promises"),
      ]);
      // Times of files go by the wall clock of the system.
      const changed = await stat(configPathOf(world.env)).catch(() => undefined);
      return changed === undefined ? Number.POSITIVE_INFINITY : Date.now() - changed.mtimeMs;
    },
    async credentials() {
      const said = { ...(token && { token }), ...(password && { password }) };
      // Where both exist the token is used: who has one needs no password, and no store.
      const found = token ? said : { ...(await stored(credentialStore, password)), ...said };
      if (found.token === undefined && found.password === undefined)
        return await localCredentials(stateDir, world.out.note);
      return {
        source: "configured",
        ...(found.token === undefined ? {} : { token: found.token.reveal() }),
        ...(found.password === undefined ? {} : { password: found.password.reveal() }),
      };
    },
  };
}

async function openStore({ env, nowMs }: CliWorld, stateDir: string): Promise<CredentialStore> {
  const { openCredentialStore } = await import("@carapace/secrets/credential-store");
  return await openCredentialStore({ env, stateDir, nowMs });
}

/** What the credential store adds; one that does not answer adds nothing, without a word (cli.md §2.2). */
async function stored(
  credentialStore: () => Promise<CredentialStore>,
  password: Secret | undefined,
): Promise<{ token?: Secret; password?: Secret }> {
  const { storedGatewaySecrets } = await import("@carapace/config/stored-secrets");
  const wanted = password === undefined ? (["token", "password"] as const) : (["token"] as const);
  const { trouble: _silent, ...found } = await storedGatewaySecrets(await credentialStore(), wanted);
  return found;
}

async function peekOrDefaults(world: CliWorld): Promise<Peek> {
  const peeked = await peekConfig({ env: world.env });
  if (peeked.ok) {
    for (const line of peeked.value.warnings) world.out.note(`Warning: ${line}`);
    return peeked.value;
  }
  world.out.note(`Warning: ${peeked.say}. Going on without the configuration file.`);
  const bare = await peekConfig({ env: world.env, path: noSuchFile });
  if (!bare.ok) throw new Error(bare.say);
  return bare.value;
}

/** A missing file is an empty configuration: what the environment says still counts. */
const noSuchFile = "/nonexistent/carapace.json";

async function localCredentials(stateDir: string, note: (line: string) => void): Promise<Credentials> {
  const { readLocalToken } = await import("@carapace/config/local-token");
  const local = readLocalToken(stateDir);
  if (!local.ok) note(`Warning: ${local.say}`);
  return local.ok && local.value !== undefined ? { source: "local", token: local.value } : { source: "none" };
}
