import type { ModelEvent, Provider, ProviderFailureCode } from "@carapace/agent";

/** How the newest calls of language models went. */
export interface Reached {
  readonly isReachable: boolean;
  /** Why none could be used, for the owner. */
  readonly say?: string;
}

/** Remembers whether language models could be used when they were last asked; nobody is asked to find out (http.md §6). */
export interface Reach {
  /** The same provider; how its calls begin and fail is remembered. */
  watch(provider: Provider): Provider;
  /** Of the last 30 s: reachable if any provider answered last. Undefined if none was asked. */
  latest(): Reached | undefined;
}

const freshMs = 30_000;

/** With these nothing came back, or nothing ever will; with others the provider did answer, if not as one would wish. */
const unusable: ReadonlySet<ProviderFailureCode> = new Set([
  "auth",
  "bad_response",
  "network",
  "overloaded",
  "quota",
  "timeout",
]);

interface Outcome {
  readonly atMs: number;
  readonly say?: string;
}

export function createReach(nowMs: () => number): Reach {
  const outcomes = new Map<string, Outcome>();

  function hear(id: string, event: ModelEvent): void {
    const failed = event.kind === "failed" && unusable.has(event.failure.code) ? event.failure : undefined;
    outcomes.set(id, { atMs: nowMs(), ...(failed === undefined ? {} : { say: failed.say }) });
  }

  async function* heard(id: string, events: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent> {
    let isFirst = true;
    for await (const event of events) {
      if (isFirst || event.kind === "failed") hear(id, event);
      isFirst = false;
      yield event;
    }
  }

  return {
    watch(provider) {
      const { id, isLanguageModel } = provider;
      if (isLanguageModel === false) return provider;
      const complete: Provider["complete"] = (request, signal) =>
        heard(id, provider.complete(request, signal));
      return { id, ...(isLanguageModel === undefined ? {} : { isLanguageModel }), complete };
    },
    latest() {
      const fresh = [...outcomes.values()].filter(({ atMs }) => Math.abs(nowMs() - atMs) <= freshMs);
      if (fresh.length === 0) return undefined;
      const failed = fresh.flatMap(({ say }) => say ?? []);
      if (failed.length < fresh.length) return { isReachable: true };
      return { isReachable: false, say: failed.join(" ") };
    },
  };
}
