import { z } from "zod";
import { count, flag, key, listOf, part, section, text, textOr, texts, word, wordOr } from "./kit.ts";
import { parseModelRef } from "./model-ref.ts";

/** A model string; its rules stand in `parseModelRef`. */
const modelText = z.string().superRefine((value, context) => {
  const ref = parseModelRef(value);
  if (!ref.ok) context.addIssue({ code: "custom", message: ref.say, input: value });
});

const fallbackText = modelText.refine((value) => !/^\s*offline:/i.test(value), {
  error:
    "the built-in assistant is no language model and never takes a failed one's place; name another model",
});

const model = key(modelText.optional(), "Model, as provider:model.", {
  wrong: "error",
  expected: "a text, provider:model",
});

const guardSwitch = (name: string, rest: z.ZodRawShape = {}) =>
  section({ enabled: flag(true, `Run ${name}.`), ...rest }, `Prompt guard: ${name}.`);

const promptGuard = part(
  {
    enabled: flag(false, "Look for prompt injection."),
    preflight: section(
      {
        enabled: flag(true, "Check the system prompt before a run."),
        detect_injection: flag(true, "Look for injected instructions."),
        detect_privilege_escalation: flag(true, "Look for attempts to gain rights."),
        detect_exfiltration: flag(true, "Look for attempts to send data out."),
      },
      "Checks before a run.",
    ),
    tagging: guardSwitch("tagging"),
    postflight: section(
      {
        enabled: flag(true, "Check replies."),
        block_pii: flag(true, "Stop personal data."),
        block_credentials: flag(true, "Stop credentials."),
        custom_patterns: key(z.array(z.unknown()).default([]), "Further patterns."),
      },
      "Checks of replies.",
    ),
    config_lint: guardSwitch("config_lint"),
  },
  "Prompt guard.",
);

const sanitizerKeys = {
  sanitizeHtml: flag(true, "Remove active content from HTML."),
  cspPolicy: textOr(
    "default-src 'none'; img-src https: data:; style-src 'unsafe-inline'",
    "Policy for shown HTML.",
  ),
};

const limit = (fallback: number, description: string) => count(fallback, description);

const sandbox = part(
  {
    enabled: flag(true, "Confine child processes."),
    max_cpu_seconds: limit(30, "CPU time, in seconds."),
    max_memory_mb: limit(512, "Memory, in MiB."),
    max_fds: limit(256, "Open files."),
    max_processes: limit(32, "Processes."),
    allowed_paths: key(
      z.array(z.string()).default(["/tmp", "/usr/bin", "/usr/local/bin", "/bin"]),
      "Readable paths.",
    ),
    network_access: flag(false, "Allow the network."),
    env_filter: texts("Variables handed on; empty: the usual ones."),
  },
  "Limits of child processes.",
);

/** `classifier`, top level and per agent. */
export const classifier = part(
  {
    enabled: flag(false, "Ask a model whether a message is an attack."),
    mode: wordOr(["off", "warn", "block"], "off", { description: "What follows from a hit." }),
    model: textOr("", "Model that classifies."),
    blockThreshold: key(z.number().min(0).max(1).default(0.8), "Score that blocks, 0 to 1."),
  },
  "Attack classifier.",
  { effect: "live" },
);

const tools = key(
  z
    .object({
      policy: wordOr(["allow-all", "allow-list", "deny-list"], "allow-all", {
        description: "How the list counts.",
      }),
      list: texts("Tool names."),
    })
    .optional(),
  "Which tools may be used.",
  // A policy nobody understands denies everything.
  {
    fallback: { policy: "allow-list", list: [] },
    expected: "an object with policy allow-all, allow-list or deny-list",
  },
);

const shared = {
  route: text("Named route to the model.", { wrong: "error", expected: "a text" }),
  model,
  system: text("System prompt."),
  maxTurns: key(z.int().positive().optional(), "Model calls per request; 25 unless set.", {
    expected: "a whole number above 0",
  }),
  maxTokens: key(z.int().positive().optional(), "Output tokens per reply; 8192 unless set.", {
    expected: "a whole number above 0",
  }),
  temperature: key(z.number().optional(), "Sampling temperature."),
  deliver: key(z.boolean().optional(), "Send the final text to the channel."),
  tools,
  toolPolicy: text("Short form of tools; only `allowall` works."),
  exfiltrationGuard: key(z.boolean().optional(), "Hide tools that send data out."),
  promptGuard,
  outputSanitizer: part(sanitizerKeys, "Cleaning of replies."),
  sandbox,
  classifier,
};

const listing = z.object({
  alias: text("Short name."),
  label: text("Display name."),
  provider: text("Provider."),
  model: text("Model."),
});

const numbered = (fallback: number, description: string) => count(fallback, description);

const defaults = section(
  {
    ...shared,
    maxConcurrent: numbered(4, "Runs at the same time."),
    timeoutSeconds: numbered(300, "Deadline of a run, in seconds."),
    contextTokens: numbered(200000, "Context window, in tokens."),
    thinkingDefault: wordOr(["off", "on", "auto"], "off", {
      description: "Extended reasoning.",
      effect: "inert",
    }),
    verboseDefault: wordOr(["off", "on"], "off", { description: "Tool detail for users.", effect: "inert" }),
    blockStreamingDefault: wordOr(["off", "on"], "off", {
      description: "Replies in blocks.",
      effect: "inert",
    }),
    subagents: section(
      {
        maxConcurrent: numbered(8, "Child agents at the same time."),
        archiveAfterMinutes: numbered(60, "Minutes until a finished child is archived."),
      },
      "Child agents.",
      { effect: "inert" },
    ),
    compaction: section(
      { mode: wordOr(["safeguard"], "safeguard", { description: "When a long session is summarised." }) },
      "Summaries of long sessions.",
    ),
    models: key(z.record(z.string(), listing).default({}), "Models for listings."),
  },
  "What holds for every agent.",
);

const agent = z.object({
  id: text("Name of the agent."),
  default: flag(false, "Take this one if none is asked for."),
  enabled: flag(true, "Offer this agent."),
  workspace: text("Its folder."),
  identity: part(
    { name: text("Name."), description: text("Description."), avatar: text("Picture.") },
    "How it is shown.",
  ),
  contextTokens: key(z.int().positive().optional(), "Context window, in tokens."),
  timeoutSeconds: key(z.int().positive().optional(), "Deadline of a run, in seconds."),
  ...shared,
});

/** `agents` (config.md §13.3). */
export const agents = section(
  {
    defaults,
    list: listOf(agent, "Agents by id."),
    promptGuard,
    outputSanitizer: section(sanitizerKeys, "Cleaning of replies."),
  },
  "Agents.",
  { effect: "live" },
);

/** `routes` (agent.md §5). */
export const routes = key(
  z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]*$/, { error: "must start with a-z and hold only a-z, 0-9 and -" }),
      z.object({
        model: key(modelText, "Model, as provider:model.", {
          wrong: "error",
          expected: "a text, provider:model",
        }),
        fallbacks: key(
          z.array(fallbackText).max(8).default([]),
          "Models that take its place, in this order, when it fails before the first word of an answer.",
          { wrong: "error", expected: "a list of texts, provider:model" },
        ),
        label: text("Display name."),
      }),
    )
    .default({}),
  "Named routes to models.",
  { effect: "live", wrong: "error", expected: "an object" },
);

const queueModes = ["follow-up", "collect", "steer", "interrupt"] as const;
const queueText =
  "What becomes of messages that arrive while a turn runs: follow-up answers each in a turn of its own, collect all of " +
  "them in the next one, steer lets them join the running one before its next step, interrupt cancels it.";

const scope = ["per-sender", "global", "per-channel-peer"] as const;

/** `session` (config.md §13.3). */
export const session = section(
  {
    scope: wordOr(scope, "per-sender", { description: "Which messages share a session." }),
    queueMode: wordOr(queueModes, "follow-up", { description: queueText }),
    dmScope: wordOr(["main"], "main", { description: "Slot of direct messages.", effect: "inert" }),
    mainKey: key(
      z
        .unknown()
        .prefault("main")
        .transform((): "main" => "main"),
      "Main slot; always main.",
    ),
  },
  "Sessions: which messages share one.",
  { effect: "live" },
);

const channel = z.object({
  features: part(
    {
      typing: part(
        {
          enabled: flag(false, "Show that the assistant is typing."),
          mode: wordOr(["thinking"], "thinking", { description: "When to show it." }),
          intervalSeconds: key(z.number().positive().default(3), "Seconds between signs.", {
            expected: "a number above 0",
          }),
        },
        "Typing indicator.",
      ),
      readReceipts: part({ enabled: flag(false, "Confirm what was read.") }, "Read receipts."),
    },
    "What the channel shows.",
  ),
  session: part(
    {
      scope: word(scope, "Which messages share a session."),
      queueMode: word(queueModes, "The same as session.queueMode, for this channel."),
      reset: part(
        {
          mode: wordOr(["manual", "daily", "idle"], "manual", { description: "When a session starts anew." }),
          idleMinutes: key(z.number().positive().default(60), "Quiet minutes before that.", {
            expected: "a number above 0",
          }),
        },
        "Automatic reset.",
      ),
    },
    "Sessions of this channel.",
  ),
});

/** `channels` (config.md §13.3). */
export const channels = key(z.record(z.string(), channel).default({}), "Settings by channel.", {
  effect: "live",
  expected: "an object",
});
