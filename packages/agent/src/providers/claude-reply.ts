import type { ModelEvent } from "../types.ts";
import { claudeFailure, claudeOutOfTurns } from "./claude-failures.ts";
import type { ClaudeLine } from "./claude-lines.ts";
import { noUsage, UsageTally } from "./usage.ts";

type ResultLine = Extract<ClaudeLine, { kind: "result" }>;

/** Gathers what the program tells until it ends, and says then how the call ended. */
export class ClaudeReply {
  readonly #model: string;
  readonly #usage = new UsageTally();
  #result: ResultLine | undefined;
  hasText = false;

  constructor(model: string) {
    this.#model = model;
  }

  /** @returns the event to hand on, if the line is one. */
  take(line: ClaudeLine | undefined): ModelEvent | undefined {
    if (line === undefined) return undefined;
    if (line.kind === "text") {
      this.hasText = true;
      return line;
    }
    this.#result = line;
    this.#usage.observe(line.usage);
    // One that tells no pieces has the whole answer here.
    if (line.isError || this.hasText || line.text === "") return undefined;
    this.hasText = true;
    return { kind: "text", delta: line.text };
  }

  /** @param errors What it wrote besides: for the log. */
  end(exitCode: number, errors: string): ModelEvent {
    const usage = this.#usage.total();
    const failure = this.#failure(exitCode, errors);
    if (failure !== undefined) return { kind: "failed", failure, ...(usage === undefined ? {} : { usage }) };
    return { kind: "stop", reason: "end_turn", usage: usage ?? noUsage };
  }

  #failure(exitCode: number, errors: string) {
    const result = this.#result;
    if (result?.subtype === "error_max_turns") return claudeOutOfTurns;
    if (result?.isError === true) return claudeFailure(result.text || errors || result.subtype, this.#model);
    if (exitCode !== 0) return claudeFailure(errors || `it ended with ${exitCode}`, this.#model);
    return this.hasText ? undefined : claudeFailure(errors || "it ended without an answer", this.#model);
  }
}
