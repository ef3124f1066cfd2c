import { CredentialStoreError, credentialStoreFailures } from "./error.ts";

/** How long and how often a store is asked (state.md §11.2). */
export interface Patience {
  readonly attempts: number;
  /** For each attempt. */
  readonly timeoutMs: number;
}

export const patience = {
  get: { attempts: 2, timeoutMs: 5000 },
  set: { attempts: 3, timeoutMs: 10_000 },
  delete: { attempts: 2, timeoutMs: 5000 },
} as const satisfies Record<string, Patience>;

const pausesMs = [100, 500, 2000];

/**
 * Asks again after a failure that may pass by itself. Not after a timeout: what hangs holds a thread until it is done,
 * and a second one would too. Nor while the store is locked: only its owner can help.
 * @throws CredentialStoreError of the last attempt
 */
export async function retried<T>({ attempts }: Patience, attempt: () => Promise<T>): Promise<T> {
  for (let done = 1; ; done += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (done >= attempts || !mayPass(error)) throw error;
      await Bun.sleep(pausesMs[done - 1] ?? 0);
    }
  }
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof CredentialStoreError)) return false;
  return error.code === "store_failed" && credentialStoreFailures[error.code].retry;
}

/** @throws CredentialStoreError `store_timeout` if the work is not done in time; it goes on unheard. */
export async function inTime<T>(work: Promise<T>, timeoutMs: number, who: string): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const say = `${who} did not answer within ${timeoutMs / 1000} s: unlock it or start it again, and try again`;
    limit.reject(new CredentialStoreError("store_timeout", say));
  }, timeoutMs);
  try {
    return await Promise.race([work, limit.promise]);
  } finally {
    clearTimeout(timer);
    // It may fail after nobody listens any more.
    work.catch(() => undefined);
  }
}
