import { isRecord, type TokenUsage } from "@carapace/protocol";

/** Of a call of which the vendor told nothing. */
export const noUsage: TokenUsage = { inputTokens: 0, outputTokens: 0 };

/** The vendors' counters, by where they stand under `usage`. Their names do not overlap. */
const counters = {
  prompt: ["prompt_tokens", "promptTokenCount"],
  uncached: ["input_tokens", "inputTokens"],
  cacheRead: [
    ...["cache_read_input_tokens", "prompt_tokens_details.cached_tokens"],
    ...["cacheReadInputTokens", "cachedContentTokenCount"],
  ],
  cacheWrite: [
    ...["cache_creation_input_tokens", "prompt_tokens_details.cache_write_tokens"],
    "cacheWriteInputTokens",
  ],
  output: ["output_tokens", "completion_tokens", "outputTokens", "candidatesTokenCount"],
  reasoning: ["output_tokens_details.thinking_tokens", "completion_tokens_details.reasoning_tokens"],
  /** Google's, which stand beside the output and not in it. */
  thoughts: ["thoughtsTokenCount"],
} as const;

type Counter = keyof typeof counters;

/** Adds up what a stream says of tokens, chunk by chunk: later counts replace earlier ones (agent.md §4.3, §4.4). */
export class UsageTally {
  readonly #seen = new Map<Counter, number>();

  /** @param usage the `usage` field of a chunk, whatever it holds. */
  observe(usage: unknown): void {
    if (!isRecord(usage)) return;
    for (const counter of Object.keys(counters) as Counter[]) {
      const count = counters[counter].map((path) => countAt(usage, path)).find((one) => one !== undefined);
      if (count !== undefined) this.#seen.set(counter, count);
    }
  }

  /** @returns undefined if the vendor said nothing. */
  total(): TokenUsage | undefined {
    if (this.#seen.size === 0) return undefined;
    const [cacheRead, cacheWrite] = [this.#seen.get("cacheRead"), this.#seen.get("cacheWrite")];
    const thoughts = this.#seen.get("thoughts");
    const reasoning = this.#seen.get("reasoning") ?? thoughts;
    // Anthropic and Bedrock count cached tokens apart from the others, OpenAI and Google among them.
    const input = this.#seen.get("prompt") ?? this.#count("uncached") + (cacheRead ?? 0) + (cacheWrite ?? 0);
    return {
      inputTokens: input,
      outputTokens: this.#count("output") + (thoughts ?? 0),
      ...(cacheRead ? { cacheReadTokens: cacheRead } : {}),
      ...(cacheWrite ? { cacheWriteTokens: cacheWrite } : {}),
      ...(reasoning ? { reasoningTokens: reasoning } : {}),
    };
  }

  #count(counter: Counter): number {
    return this.#seen.get(counter) ?? 0;
  }
}

function countAt(usage: Readonly<Record<string, unknown>>, path: string): number | undefined {
  let value: unknown = usage;
  for (const name of path.split(".")) value = isRecord(value) ? value[name] : undefined;
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
