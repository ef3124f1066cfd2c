import { CredentialStoreError } from "../error.ts";
import type { Rest } from "../rest.ts";
import { busSockets } from "./address.ts";
import { type Bus, BusError, openBus } from "./bus.ts";
import { readString, readVariantBoolean } from "./message.ts";

/** What there is of a Secret Service: none and why, one that can be used, one its owner locked, one that hangs. */
export type SecretServiceState =
  | { readonly kind: "absent"; readonly why: string }
  | { readonly kind: "ready" | "locked" | "silent" };

const destination = "org.freedesktop.secrets";

/**
 * Asks the Secret Service on the session's bus for its default collection. The library behind `Bun.secrets` does not
 * tell a locked collection from an empty one, and waits as long as a bus or a service hangs: this is asked first.
 */
export async function probeSecretService(
  env: Readonly<Record<string, string | undefined>>,
  timeoutMs: number,
): Promise<SecretServiceState> {
  const sockets = busSockets(env);
  if (sockets.length === 0) return { kind: "absent", why: "no session bus runs here" };
  const signal = AbortSignal.timeout(timeoutMs);
  for (const socket of sockets) {
    try {
      using bus = await openBus(socket, signal);
      return await askService(bus);
    } catch (error) {
      // What is read from an answer that is too short.
      if (error instanceof RangeError) return { kind: "absent", why: "the Secret Service makes no sense" };
      if (!(error instanceof BusError)) throw error;
      if (signal.aborted) return { kind: "silent" };
      if (error.reply !== undefined) return refused(error.reply);
    }
  }
  return { kind: "absent", why: "the session bus cannot be reached" };
}

async function askService(bus: Bus): Promise<SecretServiceState> {
  const alias = await bus.call({
    destination,
    path: "/org/freedesktop/secrets",
    interface: "org.freedesktop.Secret.Service",
    member: "ReadAlias",
    strings: ["default"],
  });
  const collection = readString(alias.body);
  if (collection === "/") return { kind: "absent", why: "the Secret Service has no default keyring" };
  const locked = await bus.call({
    destination,
    path: collection,
    interface: "org.freedesktop.DBus.Properties",
    member: "Get",
    strings: ["org.freedesktop.Secret.Collection", "Locked"],
  });
  return { kind: readVariantBoolean(locked.body) ? "locked" : "ready" };
}

/** What a bus says in the place of a service that is there, and does not answer: what it holds must not look missing. */
const noAnswer = ["NoReply", "Timeout", "TimedOut", "Disconnected", "LimitsExceeded", "NoMemory"].map(
  (name) => `org.freedesktop.DBus.Error.${name}`,
);
const nobodyThere = [
  "org.freedesktop.DBus.Error.ServiceUnknown",
  "org.freedesktop.DBus.Error.NameHasNoOwner",
  "org.freedesktop.DBus.Error.Spawn.",
];

function refused(reply: string): SecretServiceState {
  if (noAnswer.includes(reply)) return { kind: "silent" };
  const isAbsent = nobodyThere.some((name) => reply.startsWith(name));
  return {
    kind: "absent",
    why: isAbsent ? "no Secret Service runs here" : `the Secret Service refused (${reply})`,
  };
}

/** @throws CredentialStoreError unless the service can be used; one that hangs is given a rest */
export function requireReady({ kind }: SecretServiceState, rest: Rest): void {
  switch (kind) {
    case "ready":
      return;
    case "locked":
      throw new CredentialStoreError(
        "store_locked",
        "the default keyring of the Secret Service is locked: unlock it and try again",
      );
    case "silent":
      throw rest.start();
    case "absent":
      throw new CredentialStoreError(
        "store_failed",
        "the Secret Service ended: start it again and try again",
      );
  }
}
