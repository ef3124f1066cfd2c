import type { CredentialStore, CredentialStoreKind } from "../types.ts";
import { bunSecretsCalls } from "./bun-secrets.ts";
import { checkAccount, checkValue } from "./entry.ts";
import { CredentialStoreError } from "./error.ts";
import { CredentialIndex } from "./index-file.ts";
import { noStoreCalls } from "./no-store.ts";
import { Rest } from "./rest.ts";
import type { SecretServiceState } from "./secret-service/probe.ts";
import type { StoreCalls } from "./store-calls.ts";

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

interface Backend {
  readonly kind: CredentialStoreKind;
  readonly isDurable: boolean;
  readonly why?: string;
  readonly isTurnedOff?: true;
  readonly calls: StoreCalls;
}

/**
 * Opens the system's credential store (state.md §11.2): Keychain, Credential Manager, Secret Service; on Linux without
 * one the kernel's keyring; else `none`. With `CARAPACE_CREDENTIAL_STORE=off` it is `none`, and nothing is asked.
 * A store that is locked or hangs is opened all the same, and its calls throw: what it holds must not look missing.
 * Never throws; takes at most 2 s, a few milliseconds where there is none.
 */
export async function openCredentialStore(world: CredentialStoreWorld): Promise<CredentialStore> {
  const { calls, ...facts } = await backendOf(world);
  const index = new CredentialIndex(world.stateDir, world.nowMs);
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
      await index.add(account);
    },
    async delete(account) {
      checkAccount(account);
      const wasThere = await calls.delete(account);
      if (wasThere) await index.remove(account);
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
      return system("keychain", "the Keychain");
    case "win32":
      return system("credential-manager", "the Credential Manager");
    case "linux":
      return await linuxBackend(env);
    default:
      return none("this system has none that is supported");
  }
}

function system(kind: CredentialStoreKind, who: string): Backend {
  return {
    kind,
    isDurable: true,
    calls: bunSecretsCalls({ who, rest: new Rest(who), ready: async () => undefined }),
  };
}

function none(why: string): Backend {
  return { kind: "none", isDurable: false, why, calls: noStoreCalls(why) };
}

const openingMs = 2000;
const readyMs = 5000;

async function linuxBackend(env: CredentialStoreWorld["env"]): Promise<Backend> {
  const { probeSecretService } = await import("./secret-service/probe.ts");
  const state = await probeSecretService(env, openingMs);
  if (state.kind === "absent") return await keyringBackend(state.why);
  const { loadSecretLibrary } = await import("./secret-service/library.ts");
  const library = await loadSecretLibrary();
  if (library === undefined) return await keyringBackend("libsecret (libsecret-1.so.0) is not installed");
  const who = "the Secret Service";
  const rest = new Rest(who);
  if (state.kind === "silent") rest.start();
  const ready = async (): Promise<void> => requireReady(await probeSecretService(env, readyMs), rest);
  const calls = bunSecretsCalls({ who, rest, ready, failed: library.forgetService });
  return { kind: "secret-service", isDurable: true, calls };
}

function requireReady({ kind }: SecretServiceState, rest: Rest): void {
  switch (kind) {
    case "ready":
      return;
    case "locked":
      throw new CredentialStoreError(
        "store_locked",
        "the default keyring of the Secret Service is locked: unlock it and try again",
      );
    case "silent":
      rest.start();
      rest.check();
      return;
    case "absent":
      throw new CredentialStoreError(
        "store_failed",
        "the Secret Service ended: start it again and try again",
      );
  }
}

async function keyringBackend(why: string): Promise<Backend> {
  const { openKernelKeyring } = await import("./kernel-keyring/kernel-keyring.ts");
  const keyring = await openKernelKeyring();
  if ("why" in keyring) return none(`${why}, and ${keyring.why}`);
  const lost = `${why}; the kernel's keyring forgets when the machine restarts`;
  return { kind: "kernel-keyring", isDurable: false, why: lost, calls: keyring.calls };
}
