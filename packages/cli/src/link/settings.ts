import { join } from "node:path";
import { type Peek, peekConfig } from "@carapace/config/peek";
import type { CliWorld } from "../world.ts";

/** What a client command knows before it talks to a gateway (cli.md §2.1, §2.2). */
export interface Settings {
  readonly stateDir: string;
  readonly port: number;
  readonly deviceIdentityPath: string;
  /** Looked up when needed: not every command may send one. */
  credentials(): Promise<Credentials>;
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
  const { stateDir, port, token, password } = await peekOrDefaults(world);
  return {
    stateDir,
    port,
    deviceIdentityPath: join(stateDir, "device-identity.json"),
    async credentials() {
      if (token === undefined && password === undefined)
        return await localCredentials(stateDir, world.out.note);
      return {
        source: "configured",
        ...(token === undefined ? {} : { token: token.reveal() }),
        ...(password === undefined ? {} : { password: password.reveal() }),
      };
    },
  };
}

async function peekOrDefaults(world: CliWorld): Promise<Peek> {
  const peeked = await peekConfig({ env: world.env });
  if (peeked.ok) return peeked.value;
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
