import type { AgentEvent, ChatEvent } from "@carapace/protocol";

/** One step of a run as all learn of it (websocket.md §10.3). */
export type RunNews =
  | { readonly event: "agent"; readonly payload: AgentEvent }
  | { readonly event: "chat"; readonly payload: ChatEvent };

/** Contract: must not throw, and must not wait. */
export type RunListener = (news: RunNews) => void;

/** Hands what runs do to those inside this process who follow them. */
export interface RunFeed {
  publish(news: RunNews): void;
  /** Everything that happens in one run from now on; disposing of it ends that. */
  follow(runId: string, listener: RunListener): Disposable;
  /** The same of every run. */
  followAll(listener: RunListener): Disposable;
}

export function createRunFeed(): RunFeed {
  const ofAll = new Set<RunListener>();
  const ofRun = new Map<string, Set<RunListener>>();
  return {
    publish(news) {
      for (const listener of [...ofAll, ...(ofRun.get(news.payload.runId) ?? [])]) listener(news);
    },
    follow(runId, listener) {
      // A listener of its own, so that the same function may follow twice.
      const own: RunListener = (news) => listener(news);
      const listeners = ofRun.get(runId) ?? new Set();
      ofRun.set(runId, listeners.add(own));
      return {
        [Symbol.dispose]() {
          listeners.delete(own);
          if (listeners.size === 0 && ofRun.get(runId) === listeners) ofRun.delete(runId);
        },
      };
    },
    followAll(listener) {
      const own: RunListener = (news) => listener(news);
      ofAll.add(own);
      return { [Symbol.dispose]: () => void ofAll.delete(own) };
    },
  };
}
