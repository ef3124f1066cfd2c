import { CredentialStoreError } from "./error.ts";

/** How long and how often a store is asked (state.md §11.2). */
interface Patience {
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
      const mayPass = error instanceof CredentialStoreError && error.code === "store_failed";
      if (done >= attempts || !mayPass) throw error;
      await Bun.sleep(pausesMs[done - 1] ?? 0);
    }
  }
}

/** Waits no longer than that. @returns `late` if the work was not done by then; it goes on */
export async function inTime<T>(
  work: Promise<T>,
  timeoutMs: number,
): Promise<{ readonly value: T } | "late"> {
  const limit = Promise.withResolvers<"late">();
  const timer = setTimeout(() => limit.resolve("late"), timeoutMs);
  try {
    return await Promise.race([work.then((value) => ({ value })), limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
