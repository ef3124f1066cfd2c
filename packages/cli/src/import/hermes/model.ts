import { providerKeys } from "../plan/providers.ts";
import type { TargetKey } from "../plan/settings.ts";
import { type Tree, valueAt } from "../read/tree.ts";

/** What Hermes' `model` comes to here. */
export type HermesModel =
  | { readonly kind: "none" }
  | { readonly kind: "skip"; readonly reason: string }
  | {
      readonly kind: "model";
      /** With our prefix, where Hermes says whose model it is. */
      readonly text: string;
      /** Where it stands. */
      readonly field: string;
      /** What its `api_key` sets. */
      readonly apiKey?: TargetKey;
      /** What its `base_url` sets. */
      readonly baseUrl?: TargetKey;
    };

/** Our prefix of its providers. */
const prefixes: ReadonlyMap<string, string> = new Map([
  ["anthropic", "anthropic"],
  ["openai", "openai"],
  ["gemini", "gemini"],
  ["google", "gemini"],
  ["bedrock", "bedrock"],
  ["vertex", "vertex"],
]);

/** Any server that speaks OpenAI's protocol; these names mean the same there. */
const custom: readonly string[] = ["custom", "ollama", "vllm", "llamacpp"];

/**
 * Pure. `model` is a text, or `{ default | model, provider, base_url, api_key }`; `provider: auto` takes the first
 * credential there is, OpenRouter's before all others.
 * @param isSet whether the source's own files set a variable
 */
export function hermesModel(model: Tree | undefined, isSet: (variable: string) => boolean): HermesModel {
  const plain = typeof model === "string" ? model : undefined;
  const name = plain ?? valueAt(model, "default") ?? valueAt(model, "model");
  if (typeof name !== "string" || name.trim() === "") return { kind: "none" };
  const field = plain === undefined ? "model.default" : "model";
  const baseUrl = valueAt(model, "base_url");
  const provider = providerOf(valueAt(model, "provider"), baseUrl, isSet);
  if (custom.includes(provider)) return ofServer(name.trim(), field, baseUrl);
  if (provider === "auto") return { kind: "model", text: unaliased(name.trim(), ""), field };
  const prefix = prefixes.get(provider);
  if (prefix === undefined) return { kind: "skip", reason: "a provider that this program does not have" };
  // The vendor's name may stand in front of it as well.
  const bare = name.trim().replace(/^(anthropic|openai|google|gemini)\//, "");
  const text = `${prefix}:${unaliased(bare, prefix)}`;
  // Its `base_url` is often a left-over of another provider: its template has OpenRouter's.
  const apiKey = providerKeys(provider)?.apiKey;
  return { kind: "model", text, field, ...(apiKey && { apiKey }) };
}

function providerOf(
  given: Tree | undefined,
  baseUrl: Tree | undefined,
  isSet: (name: string) => boolean,
): string {
  const provider = typeof given === "string" && given.trim() !== "" ? given.trim().toLowerCase() : "auto";
  if (provider !== "auto") return provider;
  const isOpenRouter = typeof baseUrl === "string" && baseUrl.includes("openrouter.ai");
  if (isSet("OPENROUTER_API_KEY")) return "openrouter";
  return typeof baseUrl === "string" && baseUrl.trim() !== "" && !isOpenRouter ? "custom" : "auto";
}

function ofServer(name: string, field: string, baseUrl: Tree | undefined): HermesModel {
  const isOllama = typeof baseUrl === "string" && URL.canParse(baseUrl) && new URL(baseUrl).port === "11434";
  const prefix = isOllama ? "ollama" : "openai";
  return { kind: "model", text: `${prefix}:${name}`, field, ...providerKeys(prefix) };
}

/** Anthropic's own names have hyphens where OpenRouter's have dots: `claude-opus-4.6` is `claude-opus-4-6`. */
function unaliased(name: string, prefix: string): string {
  const isClaude = prefix === "anthropic" || /^(anthropic\/)?claude-/.test(name);
  return isClaude ? name.replace(/(\d)\.(\d)/g, "$1-$2") : name;
}
