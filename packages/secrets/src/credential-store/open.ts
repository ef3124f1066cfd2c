import type { CredentialStore, CredentialStoreKind, StoreCalls } from "../types.ts";
import { checkAccount, checkValue } from "./entry.ts";
import { noStoreCalls } from "./no-store.ts";

/** What a credential store needs to know of the process it is opened in. */
export interface CredentialStoreWorld {
  /** Of it are read `CARAPACE_CREDENTIAL_STORE`, `DBUS_SESSION_BUS_ADDRESS` and `XDG_RUNTIME_DIR`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the index of what was stored is kept, in `credentials/index.json`. */
  readonly stateDir: string;
  readonly nowMs: () => number;
  /** `process.platform` unless a test says otherwise. */
  readonly platform?: NodeJS.Platform;
}

/** What a store is, and its calls without the checks and the index every store needs. */
type Backend = Omit<CredentialStore, keyof StoreCalls> & { readonly calls: StoreCalls };

/**
 * Opens the system's credential store (state.md §11.2): Keychain, Credential Manager, Secret Service; on Linux without
 * one the kernel's keyring; else `none`. With `CARAPACE_CREDENTIAL_STORE=off` it is `none`, and nothing is asked.
 * A store that is locked or hangs is opened all the same, and its calls throw: what it holds must not look missing.
 * Never throws; takes at most 2 s, a few milliseconds where there is none.
 */
export async function openCredentialStore(world: CredentialStoreWorld): Promise<CredentialStore> {
  const { calls, ...facts } = await backendOf(world);
  const index = async () => {
    // Loaded only where something is written: most starts ask for a credential, and change none.
    const { CredentialIndex } = await import("./index-file.ts");
    return new CredentialIndex(world.stateDir, world.nowMs);
  };
  return {
    ...facts,
    async get(account) {
      checkAccount(account);
      return await calls.get(account);
    },
    async set(account, value) {
      checkAccount(account);
      checkValue(value);
      await calls.set(account, value);
      await (await index()).add(account);
    },
    async delete(account) {
      checkAccount(account);
      const wasThere = await calls.delete(account);
      // One that went by another way must leave the index too; where there is no store, nobody knows whether it went.
      if (facts.kind !== "none") await (await index()).remove(account);
      return wasThere;
    },
  };
}

async function backendOf({ env, platform = process.platform }: CredentialStoreWorld): Promise<Backend> {
  const choice = env["CARAPACE_CREDENTIAL_STORE"]?.trim();
  if (choice === "off") return { ...none("CARAPACE_CREDENTIAL_STORE turns it off"), isTurnedOff: true };
  if (choice) return none("CARAPACE_CREDENTIAL_STORE is set, but the only value it knows is off");
  switch (platform) {
    case "darwin":
      return await system("keychain", "the Keychain");
    case "win32":
      return await system("credential-manager", "the Credential Manager");
    case "linux":
      return await linuxBackend(env);
    default:
      return none("this system has none that is supported");
  }
}

async function system(kind: CredentialStoreKind, who: string): Promise<Backend> {
  const [{ bunSecretsCalls }, { Rest }] = await Promise.all([
    import("./bun-secrets.ts"),
    import("./rest.ts"),
  ]);
  const calls = bunSecretsCalls({ who, rest: new Rest(who), ready: async () => undefined });
  return { kind, isDurable: true, calls };
}

function none(why: string): Backend {
  return { kind: "none", isDurable: false, why, calls: noStoreCalls(why) };
}

/** A Secret Service if there is one that can be used, else the kernel's keyring, else nothing. */
async function linuxBackend(env: CredentialStoreWorld["env"]): Promise<Backend> {
  const { openSecretService } = await import("./secret-service/open.ts");
  const service = await openSecretService(env);
  if ("calls" in service) return { kind: "secret-service", isDurable: true, calls: service.calls };
  const { openKernelKeyring } = await import("./kernel-keyring/kernel-keyring.ts");
  const keyring = await openKernelKeyring();
  if ("why" in keyring) return none(`${service.why}, and ${keyring.why}`);
  const why = `${service.why}; the kernel's keyring forgets when the machine restarts`;
  return { kind: "kernel-keyring", isDurable: false, why, calls: keyring.calls };
}
