import { dirname, resolve } from "node:path";
import type { ConfigStore } from "@carapace/config";
import { runChild, type TransformLimits, transformLimits } from "./run-child.ts";
import { createSources } from "./source.ts";
import type { TransformOutcome, TransformRunner } from "./types.ts";

/** Processes at a time, and calls that wait for one. */
const usualQueue = { maxRunning: 4, maxWaiting: 64 };

export interface TransformDeps {
  readonly config: Pick<ConfigStore, "current">;
  /** Instead of the usual ones. */
  readonly limits?: TransformLimits;
  readonly queue?: { readonly maxRunning: number; readonly maxWaiting: number };
}

/** Runs transforms, a few at a time, each in a process of its own (http.md §8.4 *Better*). */
export function createTransforms({
  config,
  limits = transformLimits,
  queue = usualQueue,
}: TransformDeps): TransformRunner {
  const sources = createSources();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function enter(): Promise<void> {
    if (running < queue.maxRunning) {
      running += 1;
      return;
    }
    const { promise, resolve: go } = Promise.withResolvers<void>();
    waiting.push(go);
    await promise;
  }

  /** Whoever waits takes the place over. */
  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }

  return {
    async run({ module, exportName, input }): Promise<TransformOutcome> {
      const { config: settings, path } = config.current();
      const folder = settings.gateway.hooks.transformsDir?.trim();
      if (folder === undefined || folder === "")
        return { kind: "failed", say: "gateway.hooks.transformsDir is not set" };
      const read = sources(resolve(dirname(path), folder), module);
      if (!read.ok) return { kind: "failed", say: read.say };
      if (waiting.length >= queue.maxWaiting)
        return { kind: "busy", say: "too many calls of this kind wait; try again later" };
      await enter();
      try {
        return await runChild({ source: read.source, exportName, input: JSON.stringify(input) }, limits);
      } catch (error) {
        return { kind: "failed", say: `its process could not be started: ${String(error).slice(0, 200)}` };
      } finally {
        leave();
      }
    },
  };
}
