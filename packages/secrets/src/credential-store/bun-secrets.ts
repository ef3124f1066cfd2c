import type { StoreCalls } from "../types.ts";
import { service } from "./entry.ts";
import { CredentialStoreError, type CredentialStoreFailureCode } from "./error.ts";
import { inTime, patience, retried } from "./patience.ts";
import type { Rest } from "./rest.ts";

/** One of the system's own stores, as its owner knows it. */
export interface SystemStore {
  readonly who: string;
  readonly rest: Rest;
  /** Awaited before each call; throws what keeps the store from answering. */
  readonly ready: () => Promise<void>;
  /** Called when a call failed, before the next attempt. */
  readonly failed?: () => void;
}

/** The system's own store through `Bun.secrets`. */
export function bunSecretsCalls(store: SystemStore): StoreCalls {
  const run = async <T>(kind: keyof typeof patience, call: () => Promise<T>): Promise<T> =>
    await retried(patience[kind], async () => await attempt(store, patience[kind].timeoutMs, call));
  return {
    get: async (name) => (await run("get", () => Bun.secrets.get({ service, name }))) ?? undefined,
    set: async (name, value) => await run("set", () => Bun.secrets.set({ service, name, value })),
    delete: async (name) => await run("delete", () => Bun.secrets.delete({ service, name })),
  };
}

async function attempt<T>(store: SystemStore, timeoutMs: number, call: () => Promise<T>): Promise<T> {
  store.rest.check();
  await store.ready();
  const work = explained(store, call);
  const done = await inTime(work, timeoutMs);
  if (done !== "late") return done.value;
  throw store.rest.start(work);
}

const codes: Readonly<Record<string, CredentialStoreFailureCode>> = {
  ERR_SECRETS_ACCESS_DENIED: "store_denied",
  ERR_SECRETS_AUTH_FAILED: "store_denied",
  ERR_SECRETS_USER_CANCELED: "store_denied",
  ERR_SECRETS_INTERACTION_NOT_ALLOWED: "store_locked",
  ERR_SECRETS_INTERACTION_REQUIRED: "store_locked",
};

async function explained<T>({ who, failed }: SystemStore, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    failed?.();
    const system = error instanceof Error && "code" in error ? String(error.code) : "";
    const code = codes[system] ?? "store_failed";
    throw new CredentialStoreError(code, sentence(who, code, error), { cause: error });
  }
}

function sentence(who: string, code: CredentialStoreFailureCode, error: unknown): string {
  switch (code) {
    case "store_locked":
      return `${who} is locked: unlock it and try again`;
    case "store_denied":
      return `${who} refused access: allow it and try again`;
    default:
      return `${who} failed: ${error instanceof Error ? error.message : "it did not say why"}`;
  }
}
