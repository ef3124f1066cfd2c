import { createHash } from "node:crypto";
import { ok, type Result, refuse } from "@carapace/protocol";
import type { Provider } from "../types.ts";
import { createAnthropicProvider } from "./anthropic.ts";
import { type Configured, readSettings } from "./configured.ts";
import type { CallDeps } from "./model-call.ts";
import { createOllamaProvider, firstOllamaModel, type OllamaSettings } from "./ollama.ts";
import { createOpenAIProvider } from "./openai.ts";
import { find, type ProviderSource, valueAt } from "./settings.ts";

/** What a set of providers is built with. */
export interface ProviderDeps {
  readonly nowMs: () => number;
  /** Uniform in [0, 1); spreads retries. */
  readonly random: () => number;
  /** Contract: resolves early once the signal fires; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Providers that need no settings: `offline`. */
  readonly extra: readonly Provider[];
  /** Tests shorten them. */
  readonly limits?: Partial<ProviderLimits>;
}

/** Waits of a model call, milliseconds. */
export interface ProviderLimits {
  /** Until a reply's headers; a local model may have to be loaded first, so Ollama gets at least ten minutes. */
  readonly headerTimeoutMs: number;
  /** Without a byte. */
  readonly idleTimeoutMs: number;
  /** After the first of three tries. */
  readonly retryDelayMs: number;
}

/** The providers of one configuration. */
export interface ProviderSet {
  /** @param prefix of a model string, lower case. */
  get(prefix: string): Provider | undefined;
  /** The same, with a sentence for the owner if there is none: `provider_not_configured`. */
  find(prefix: string): Result<Provider>;
  list(): readonly Provider[];
  /**
   * The model of an owner who chose none: that of the first provider set up, `offline:basic` without any. Ollama is
   * asked which models it has; if it cannot tell, that is the answer, and nothing else takes its place.
   */
  defaultModel(): Result<string> | Promise<Result<string>>;
  /** Of each provider's settings, keys included; equal sets need no rebuild. */
  readonly fingerprint: Readonly<Record<string, string>>;
  /** Settings found but not used, for the log. */
  readonly warnings: readonly string[];
}

/** Builds the providers that environment and config set up (agent.md §3); refused if a setting can never work. */
export function createProviders(source: ProviderSource, deps: ProviderDeps): Result<ProviderSet> {
  const settings = readSettings(source);
  if (!settings.ok) return settings;
  const providers = new Map(build(settings.value, deps).map((provider) => [provider.id, provider]));
  return ok({
    get: (prefix) => providers.get(prefix),
    find: (prefix) => {
      const provider = providers.get(prefix);
      return provider === undefined ? refuse("provider_not_configured", whyAbsent(prefix)) : ok(provider);
    },
    list: () => [...providers.values()],
    defaultModel: chooseDefault(settings.value, deps),
    fingerprint: fingerprints(settings.value),
    warnings: unusedSettings(source),
  });
}

function build(settings: Configured, deps: ProviderDeps): Provider[] {
  const { anthropic, openai, ollama } = settings;
  return [
    ...(anthropic ? [createAnthropicProvider(anthropic, callDeps(deps, 120_000))] : []),
    ...(openai ? [createOpenAIProvider(openai, callDeps(deps, 120_000))] : []),
    ...(ollama ? [createOllamaProvider(ollama, callDeps(deps, 600_000))] : []),
    ...deps.extra,
  ];
}

function callDeps({ limits, sleep, random, nowMs }: ProviderDeps, headerTimeoutMs: number): CallDeps {
  return {
    nowMs,
    limits: {
      headerTimeoutMs: limits?.headerTimeoutMs ?? headerTimeoutMs,
      idleTimeoutMs: limits?.idleTimeoutMs ?? 300_000,
    },
    retry: {
      maxTries: 3,
      baseDelayMs: limits?.retryDelayMs ?? 500,
      maxDelayMs: 8000,
      maxRetryAfterMs: 60_000,
      sleep,
      random,
    },
  };
}

function chooseDefault(
  { anthropic, openai, ollama }: Configured,
  deps: ProviderDeps,
): ProviderSet["defaultModel"] {
  if (anthropic) return () => ok("anthropic:claude-sonnet-4-6");
  if (openai) return () => ok("openai:gpt-5.5");
  return ollama ? onceOk(() => firstOllamaModel(ollama, deps.nowMs)) : () => ok("offline:basic");
}

/** Asks until it gets an answer, once at a time, and keeps it. */
function onceOk<T>(ask: () => Promise<Result<T>>): () => Promise<Result<T>> {
  let asked: Promise<Result<T>> | undefined;
  return async () => {
    asked ??= ask();
    const result = await asked;
    if (!result.ok) asked = undefined;
    return result;
  };
}

const laterProviders = ["gemini", "vertex", "bedrock", "codex", "nearai", "venice", "claude-cli"];

// `cara config set` takes no keys and no addresses they are sent to: a script could then lead a key elsewhere.
const byHand = "in the file named by: cara config path";

const setUp: ReadonlyMap<string, string> = new Map([
  [
    "anthropic",
    `Anthropic is not set up: set ANTHROPIC_API_KEY where the gateway starts, or write anthropic.apiKey ${byHand}`,
  ],
  [
    "openai",
    `OpenAI is not set up: set OPENAI_API_KEY where the gateway starts, or write openai.apiKey ${byHand}`,
  ],
  [
    "ollama",
    `Ollama is not set up: set OLLAMA_BASE_URL=http://localhost:11434 where the gateway starts, or write providers.ollama.baseUrl ${byHand}`,
  ],
]);

function whyAbsent(prefix: string): string {
  if (laterProviders.includes(prefix)) {
    return `${prefix} is not in this version: use a model of anthropic, openai or ollama, or offline:basic`;
  }
  return (
    setUp.get(prefix) ?? "no such provider: use a model of anthropic, openai or ollama, or offline:basic"
  );
}

/** 8 bytes of SHA-256 over all that makes a provider (agent.md §3 *Fix*: every key, Ollama's too). */
function fingerprints({ anthropic, openai, ollama }: Configured): Record<string, string> {
  return {
    ...(anthropic
      ? { anthropic: digest([anthropic.baseUrl, anthropic.key.reveal(), anthropic.vendor.keyName]) }
      : {}),
    ...(openai
      ? {
          openai: digest([
            openai.baseUrl,
            openai.key.reveal(),
            openai.vendor.keyName,
            ...Object.entries(openai.headers).flat(),
          ]),
        }
      : {}),
    ...(ollama ? { ollama: digest(ollamaParts(ollama)) } : {}),
  };
}

function ollamaParts({ baseUrl, key, vendor }: OllamaSettings): string[] {
  return [baseUrl, key?.reveal() ?? "", vendor.keyName];
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/** Settings of providers that this version does not have: their owner should learn why they do nothing. */
const unused: readonly (readonly [variables: readonly string[], path: string])[] = [
  [["GOOGLE_API_KEY"], "google.apiKey"],
  [["VERTEX_PROJECT_ID"], "vertex.projectId"],
  [["NEARAI_API_KEY"], "nearai.apiKey"],
  [["VENICE_API_KEY"], "venice.apiKey"],
  [[], "bedrock.region"],
  [[], "codex.authProfile"],
  [[], "google.authProfile"],
  [[], "anthropic.authProfile"],
];

function unusedSettings(source: ProviderSource): string[] {
  const found = unused.flatMap(([variables, path]) => find(source, variables, path)?.name ?? []);
  const cli = valueAt(source, "claudeCli.enabled") === true ? ["claudeCli.enabled"] : [];
  return [...found, ...cli].map((name) => `${name} is set, but this version does not use it`);
}
