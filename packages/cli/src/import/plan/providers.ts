import type { TargetKey } from "./settings.ts";

/** Where a provider's key and address stand here. */
export interface ProviderKeys {
  readonly apiKey: TargetKey;
  readonly baseUrl: TargetKey;
}

const google: ProviderKeys = { apiKey: "google.apiKey", baseUrl: "google.baseUrl" };
const nearai: ProviderKeys = { apiKey: "nearai.apiKey", baseUrl: "nearai.baseUrl" };

const providers: ReadonlyMap<unknown, ProviderKeys> = new Map([
  ["anthropic", { apiKey: "anthropic.apiKey", baseUrl: "anthropic.baseUrl" }],
  ["openai", { apiKey: "openai.apiKey", baseUrl: "openai.baseUrl" }],
  ["google", google],
  ["gemini", google],
  ["nearai", nearai],
  ["near-ai", nearai],
  ["near", nearai],
  ["venice", { apiKey: "venice.apiKey", baseUrl: "venice.baseUrl" }],
  ["ollama", { apiKey: "providers.ollama.apiKey", baseUrl: "providers.ollama.baseUrl" }],
]);

/** Pure. By any name that other programs have for a provider; undefined for one whose key has no place here. */
export function providerKeys(name: unknown): ProviderKeys | undefined {
  return providers.get(name);
}
