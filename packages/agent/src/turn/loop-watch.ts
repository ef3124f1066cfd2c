import type { ToolResultBlock, ToolUseBlock } from "@carapace/protocol";

/** From the third time on the model is told; at the fifth the turn is closed. */
const tellAt = 3;
const closeAt = 5;

/** Counts how often the same call with the same result came in a row (agent.md §7.5 *Better*). */
export interface LoopWatch {
  /** Takes the next result; from the third repetition on it comes back as an error that says so. */
  observe(call: ToolUseBlock, result: ToolResultBlock): ToolResultBlock;
  isStuck(): boolean;
}

export function createLoopWatch(): LoopWatch {
  let previous = "";
  let times = 0;
  return {
    observe(call, result) {
      const seen = JSON.stringify([call.name, sorted(call.input), result.isError, result.content]);
      times = seen === previous || isTelling(result) ? times + 1 : 1;
      if (!isTelling(result)) previous = seen;
      return times < tellAt || isTelling(result) ? result : told(result, times);
    },
    isStuck: () => times >= closeAt,
  };
}

const telling = "The same call gave the same result";

/** After a crash the watch is fed from history, where repeated results stand as told. */
function isTelling(result: ToolResultBlock): boolean {
  return result.isError && result.origin.ref === "loop" && result.content.startsWith(telling);
}

function told(result: ToolResultBlock, times: number): ToolResultBlock {
  const content = `${telling} ${times} times in a row. Do not make it again: do something else, or answer with what you have.`;
  return { ...result, content, isError: true, origin: { kind: "system", ref: "loop" } };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
