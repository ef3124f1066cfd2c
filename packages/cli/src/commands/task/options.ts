import { hostOptions, jsonOption } from "../../command/options.ts";

const maxWhole = Number.MAX_SAFE_INTEGER;

/** What every task command has. */
export const taskOptions = { json: jsonOption, ...hostOptions } as const;

/** What a task may use (cli.md §3.7; the last two are ours). */
export const policyOptions = {
  maxAttempts: { kind: "whole", value: "number", min: 1, max: 10_000, help: "Attempts (default: 100)" },
  maxTotalRuntimeMs: {
    kind: "whole",
    value: "ms",
    min: 1,
    max: 2_592_000_000,
    help: "How old it may get (default: 7 days)",
  },
  maxTurns: {
    kind: "whole",
    value: "number",
    min: 1,
    max: 1000,
    help: "Model calls in one run (default: 25)",
  },
  maxRunTimeoutSeconds: {
    kind: "whole",
    value: "seconds",
    min: 1,
    max: 86_400,
    help: "How long one run may take (default: 600)",
  },
  maxTokens: {
    kind: "whole",
    value: "number",
    min: 1,
    max: maxWhole,
    help: "Tokens of all its runs together",
  },
  maxCostUsd: { kind: "text", value: "dollars", help: "Cost of all its runs together, in US dollars" },
} as const;

export const idArgument = { id: { help: "The task's id, from cara task list", isRequired: true } } as const;

export const reasonOption = { kind: "text", value: "text", help: "Why; kept with the task" } as const;

/** Of retry and resume. */
export const sendOnOptions = {
  delayMs: {
    kind: "whole",
    value: "ms",
    min: 0,
    max: 31_536_000_000,
    help: "Wait so long first (default: 0)",
  },
  reason: reasonOption,
  ...taskOptions,
} as const;
