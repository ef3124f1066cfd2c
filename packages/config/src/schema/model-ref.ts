import { ok, type Refusal, type Result, refuse } from "@carapace/protocol/failures";

/** Prefixes of model strings (agent.md §2); `offline` is the built-in one. */
const modelProviders = [
  "anthropic",
  "openai",
  "gemini",
  "vertex",
  "bedrock",
  "ollama",
  "codex",
  "nearai",
  "venice",
  "claude-cli",
  "offline",
] as const;
export type ModelProvider = (typeof modelProviders)[number];

/** A model string in its two halves. */
export interface ModelRef {
  readonly provider: ModelProvider;
  /** Without the prefix; may hold colons and slashes. */
  readonly model: string;
}

const aliases: Readonly<Record<string, ModelProvider>> = {
  google: "gemini",
  models: "gemini",
  near: "nearai",
  "near-ai": "nearai",
};

const bareNames: readonly (readonly [RegExp, ModelProvider])[] = [
  [/^claude-/, "anthropic"],
  [/^(gpt-|chatgpt-|o[134](-|$))/, "openai"],
  [/^gemini-/, "gemini"],
  [/^(anthropic\.claude-|amazon\.titan-|meta\.llama)/, "bedrock"],
];

/**
 * Splits `provider:model` at the first colon (agent.md §2). Outer blanks are dropped; the prefix is case-insensitive.
 * @returns the halves, or `missing_model` for an empty text, or `invalid_request` with a proposal where there is one.
 */
export function parseModelRef(text: string): Result<ModelRef> {
  const trimmed = text.trim();
  if (trimmed === "") {
    return refuse(
      "missing_model",
      "no model is set; set one as provider:model, for example anthropic:claude-sonnet-4-6",
    );
  }
  const colon = trimmed.indexOf(":");
  const slash = trimmed.indexOf("/");
  const prefix = trimmed.slice(0, Math.max(colon, 0));
  if (colon < 0 || prefix.includes(".") || (slash >= 0 && slash < colon)) return notPrefixed(trimmed);
  const model = trimmed.slice(colon + 1);
  if (/\s$/.test(prefix) || /^\s/.test(model)) {
    const spelled = `${prefix.trim()}:${model.trim()}`;
    return refuse("invalid_request", `"${trimmed}" has blanks around its colon; write "${spelled}"`);
  }
  const provider = providerNamed(prefix.toLowerCase());
  if (provider === undefined) return unknownPrefix(prefix, model);
  if (model.trim() === "") {
    return refuse(
      "invalid_request",
      `"${trimmed}" names a provider without a model; write ${provider}:<model>`,
    );
  }
  return ok({ provider, model });
}

/** The provider whose models have names like this one (agent.md §2); undefined for a name that says nothing. */
export function modelFamily(name: string): ModelProvider | undefined {
  const lower = name.trim().toLowerCase();
  return lower === "claude-cli" ? lower : bareNames.find(([pattern]) => pattern.test(lower))?.[1];
}

function providerNamed(name: string): ModelProvider | undefined {
  return modelProviders.find((known) => known === name);
}

function unknownPrefix(prefix: string, model: string): Refusal {
  const alias = Object.hasOwn(aliases, prefix.toLowerCase()) ? aliases[prefix.toLowerCase()] : undefined;
  const proposal = alias
    ? `; did you mean "${alias}:${model}"?`
    : `; known prefixes: ${modelProviders.join(", ")}`;
  return refuse("invalid_request", `unknown model provider "${prefix}"${proposal}`);
}

function notPrefixed(text: string): Refusal {
  const proposal = proposed(text);
  const hint = proposal ? `; did you mean "${proposal}"?` : `; known prefixes: ${modelProviders.join(", ")}`;
  return refuse("invalid_request", `"${text}" does not name its provider: write provider:model${hint}`);
}

function proposed(text: string): string | undefined {
  const lower = text.toLowerCase();
  if (lower === "claude-cli") return "claude-cli:default";
  const slash = text.indexOf("/");
  if (slash > 0) {
    const head = lower.slice(0, slash);
    const provider = Object.hasOwn(aliases, head) ? aliases[head] : providerNamed(head);
    if (provider && slash + 1 < text.length) return `${provider}:${text.slice(slash + 1)}`;
  }
  const family = modelFamily(text);
  return family && `${family}:${text}`;
}
