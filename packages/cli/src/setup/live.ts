import type { CliWorld } from "../world.ts";
import type { ProviderAnswer } from "./answers.ts";

/** What a live check found: words for the summary (agent.md §15). */
export interface LiveFinding {
  /** `skip`: nobody was asked, or nothing was proven either way. */
  readonly status: "pass" | "fail" | "skip";
  readonly detail: string;
  readonly remediation?: string;
}

/** What to check. */
export interface LiveAsk {
  readonly answer: ProviderAnswer;
  /** As it is written: `anthropic:claude-…`. */
  readonly model: string | undefined;
  readonly world: CliWorld;
  readonly signal?: AbortSignal;
}
