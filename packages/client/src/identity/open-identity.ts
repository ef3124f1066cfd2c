import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { type DiskSteps, ensureFolder, lockFile } from "@carapace/files";
import { ok, type Result, refuse } from "@carapace/protocol";
import type { CredentialStore } from "@carapace/secrets";
import type { DeviceIdentity } from "../types.ts";
import { type KeptIdentity, keptIdentity } from "./device-identity.ts";
import { createIdentityFile, readIdentityFile, removeIdentityFile } from "./identity-file.ts";
import { readIdentityInStore, writeIdentityToStore } from "./identity-store.ts";

/** Where the command line's device identity may be, and what its owner allows. */
export interface IdentityPlaces {
  /** `<state>/device-identity.json`. */
  readonly path: string;
  readonly store: CredentialStore;
  /** `CARAPACE_DEVICE_IDENTITY_STRICT`: the store or nothing. */
  readonly isStrict: boolean;
  /** Hears, in a sentence, why the key is kept in a file. */
  readonly warn: (line: string) => void;
  readonly steps?: DiskSteps;
}

const lockWaitMs = 10_000;

/**
 * The device identity (cli.md §2.6): that of the credential store, else that of the file, which moves into the store,
 * else a new one. A store that forgets at a restart does not take the file's place. Two commands at once get the same
 * one; whenever the process dies, the key is in one of the two places or in both.
 * @returns `invalid_request` for what is stored and no sound identity: it is never replaced; `unavailable` if the disk
 *   refuses; `forbidden` if being strict leaves no place
 */
export async function openDeviceIdentity(places: IdentityPlaces): Promise<Result<DeviceIdentity>> {
  const settled = await findSettled(places);
  if (!settled.ok) return settled;
  if (settled.value !== undefined) return ok(settled.value.identity);
  const folder = ensureFolder(dirname(places.path));
  if (!folder.ok) return refuse("unavailable", `The device identity's folder: ${folder.say}`);
  const lock = await lockFile(`${places.path}.lock`, { waitMs: lockWaitMs });
  if (!lock.ok) return refuse("unavailable", `The device identity: ${lock.say}`);
  using _held = lock.value;
  const kept = await settle(places);
  return kept.ok ? ok(kept.value.identity) : kept;
}

/** The usual case, for which nothing is locked or written: the key is where it is to stay. */
async function findSettled(places: IdentityPlaces): Promise<Result<KeptIdentity | undefined>> {
  const file = readIdentityFile(places.path);
  if (!isKeeper(places)) return file;
  const inStore = await readIdentityInStore(places.store);
  const isMoved = "ok" in inStore && inStore.ok && file.ok && file.value === undefined;
  return isMoved ? inStore : ok(undefined);
}

async function settle(places: IdentityPlaces): Promise<Result<KeptIdentity>> {
  if (!isKeeper(places)) return await settleInFile(places, places.store.why);
  const inStore = await readIdentityInStore(places.store);
  if ("trouble" in inStore) return await settleInFile(places, inStore.trouble);
  if (!inStore.ok) return inStore;
  if (inStore.value !== undefined) return dropLeftover(places, inStore.value);
  const file = readIdentityFile(places.path);
  if (!file.ok) return file;
  if (file.value !== undefined && places.isStrict) return strictRefusal(places, "it is in a file");
  const kept = file.value ?? keptIdentity(randomBytes(32));
  const failure = await writeIdentityToStore(places.store, kept.stored);
  if (failure !== undefined) return await settleInFile(places, failure.trouble, kept);
  return dropLeftover(places, kept);
}

/** Whether the store may hold the only copy. Who is strict gave up the file, and takes what forgets. */
function isKeeper({ store, isStrict }: IdentityPlaces): boolean {
  return isStrict || store.isDurable;
}

/** The store has it: a file with the same key goes. Another key may be one that is used where no store can be reached. */
function dropLeftover(places: IdentityPlaces, kept: KeptIdentity): Result<KeptIdentity> {
  const file = readIdentityFile(places.path);
  const isSame = file.ok && file.value?.identity.deviceId === kept.identity.deviceId;
  if (isSame) {
    const refusal = removeIdentityFile(places.path, places.steps);
    if (refusal !== undefined) places.warn(`Warning: ${refusal.say}`);
  } else if (places.isStrict && (!file.ok || file.value !== undefined)) {
    return strictRefusal(places, "there is another one in a file");
  }
  return ok(kept);
}

/** The place of last resort (cli.md §2.6). */
async function settleInFile(
  places: IdentityPlaces,
  why = "it is not durable",
  made?: KeptIdentity,
): Promise<Result<KeptIdentity>> {
  if (places.isStrict) return strictRefusal(places, why);
  const file = readIdentityFile(places.path);
  if (!file.ok) return file;
  const inStore = places.store.isDurable ? undefined : await readIdentityInStore(places.store);
  const remembered = inStore !== undefined && "ok" in inStore && inStore.ok ? inStore.value : undefined;
  const kept = file.value ?? made ?? remembered ?? keptIdentity(randomBytes(32));
  if (places.store.isTurnedOff !== true) {
    places.warn(
      `Warning: the device key is kept in the file ${places.path}, not in a credential store: ${why}.`,
    );
  }
  if (file.value !== undefined) return ok(kept);
  const refusal = createIdentityFile(places.path, kept.stored, places.steps);
  return refusal ?? ok(kept);
}

function strictRefusal({ path }: IdentityPlaces, why: string): Result<never> {
  const file = readIdentityFile(path);
  // A file may only be removed where there is one.
  const removal = file.ok && file.value === undefined ? "" : `, or remove ${path}`;
  return refuse(
    "forbidden",
    `CARAPACE_DEVICE_IDENTITY_STRICT allows the device key in the credential store only: ${why}. ` +
      `Mend that${removal}, or unset the variable.`,
  );
}
