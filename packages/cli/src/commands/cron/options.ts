import type { OptionDefinition, OptionValues } from "../../command/definition.ts";

/** What a job can be given; of `add` and `edit`. */
export const jobOptions = {
  at: { kind: "text", value: "time", help: 'Once: "2026-12-01 09:00", or "in 20m"' },
  every: { kind: "text", value: "time", help: "Again and again: 30m, 2h, 1d" },
  cron: {
    kind: "text",
    value: "expression",
    help: 'minute hour day month weekday: "0 9 * * 1-5", or @daily',
  },
  tz: { kind: "text", value: "zone", help: "Whose clock --at and --cron mean (default: this machine's)" },
  eitherDay: { kind: "flag", help: "With --cron: day or weekday must fit, not both" },
  jitter: { kind: "text", value: "time", help: "Begin up to so much later than planned" },
  message: { kind: "text", short: "m", value: "text", help: "What the assistant shall do" },
  event: { kind: "text", value: "text", help: "Instead of --message: what it shall know" },
  name: { kind: "text", short: "n", value: "name", help: "What the job is called" },
  session: {
    kind: "choice",
    choices: ["main", "isolated"],
    help: "Where it runs (default: isolated, with a summary to the main session)",
  },
  wake: {
    kind: "choice",
    choices: ["now", "next-heartbeat"],
    help: "When an event is told (default: now)",
  },
  deliver: { kind: "text", value: "channel:to", help: "Where the reply goes: telegram:123" },
  bestEffort: { kind: "flag", help: "Try the delivery three times" },
  agent: { kind: "text", value: "id", help: "Which agent runs it" },
  model: { kind: "text", value: "model", help: "Which model: provider:model" },
  route: { kind: "text", value: "name", help: "Instead of --model: a route" },
  thinking: { kind: "text", value: "level", help: "How much the model thinks" },
  timeout: { kind: "whole", value: "seconds", min: 1, max: 86_400, help: "How long it may take" },
  missed: {
    kind: "choice",
    choices: ["skip", "once", "all"],
    help: "Times that passed while the gateway was off (default: once with --at, else skip)",
  },
  grace: { kind: "text", value: "time", help: "How late it may begin" },
  overlap: {
    kind: "choice",
    choices: ["skip", "queue", "replace"],
    help: "If it is due while it still runs (default: skip)",
  },
  maxRuns: { kind: "whole", value: "number", min: 1, max: 100_000, help: "At most so many runs a day (UTC)" },
  maxTokens: {
    kind: "whole",
    value: "number",
    min: 1,
    max: 1_000_000_000,
    help: "At most so many tokens a day",
  },
  maxCost: { kind: "text", value: "USD", help: "At most so much money a day: 0.50" },
  alert: { kind: "text", value: "channel:to", help: "Who is told of failures; heartbeat: the assistant" },
  alertAfter: {
    kind: "whole",
    value: "number",
    min: 1,
    max: 1000,
    help: "After so many on end (default: 1)",
  },
  maxFailures: {
    kind: "whole",
    value: "number",
    min: 0,
    max: 1000,
    help: "Switch it off after so many on end; 0 never (default: 10)",
  },
} as const satisfies Record<string, OptionDefinition>;

/** What was typed of them. */
export type JobWords = OptionValues<typeof jobOptions>;
