import type { Setting } from "@carapace/agent";
import type { ProviderStatus } from "@carapace/protocol";

type AuthMode = ProviderStatus["supportedAuthModes"][number];

/** One provider as the owner meets it when setting up (http.md §12.4). */
export interface OnboardingEntry {
  /** Also the prefix of its model strings. */
  readonly provider: string;
  readonly label: string;
  /** How it can be set up; absent: this version does not have it. */
  readonly setUp?: {
    readonly authMode: AuthMode;
    /** A command that sets it up as it stands, typed as it is. */
    readonly command: string;
    /** What it needs to work at all. */
    readonly needs: Setting;
    /** Where it is, if not at its usual address. */
    readonly address: Setting;
  };
  /** Any of these tells that its owner wants it. */
  readonly signs: readonly Setting[];
}

const keyed = (provider: string, label: string, name: string): OnboardingEntry => {
  const needs = { variables: [`${name}_API_KEY`], path: `${provider}.apiKey` };
  const address = { variables: [`${name}_BASE_URL`], path: `${provider}.baseUrl` };
  const command = `cara secrets set ${provider}.apiKey`;
  return { provider, label, setUp: { authMode: "apiKey", command, needs, address }, signs: [needs, address] };
};

const ollamaAddress = { variables: ["OLLAMA_BASE_URL"], path: "providers.ollama.baseUrl" };

/** In the contract's order. */
export const onboardingTable: readonly OnboardingEntry[] = [
  keyed("anthropic", "Anthropic", "ANTHROPIC"),
  { provider: "codex", label: "Codex", signs: [{ path: "codex.authProfile" }] },
  keyed("openai", "OpenAI", "OPENAI"),
  {
    ...{ provider: "ollama", label: "Ollama" },
    setUp: {
      ...{ authMode: "baseUrl", command: "cara config set providers.ollama '{}'" },
      // Named is set up, be the section empty: it has a usual address.
      needs: { variables: ["OLLAMA_BASE_URL"], path: "providers.ollama" },
      address: ollamaAddress,
    },
    signs: [{ path: "providers.ollama" }, ollamaAddress],
  },
  {
    ...{ provider: "gemini", label: "Gemini" },
    signs: [{ variables: ["GOOGLE_API_KEY"], path: "google.apiKey" }, { path: "google.authProfile" }],
  },
  {
    ...{ provider: "vertex", label: "Vertex" },
    signs: [{ variables: ["VERTEX_PROJECT_ID"], path: "vertex.projectId" }],
  },
  {
    ...{ provider: "nearai", label: "NEAR AI Cloud" },
    signs: [{ variables: ["NEARAI_API_KEY"], path: "nearai.apiKey" }],
  },
  {
    ...{ provider: "venice", label: "Venice" },
    signs: [{ variables: ["VENICE_API_KEY"], path: "venice.apiKey" }],
  },
  { provider: "bedrock", label: "Bedrock", signs: [{ path: "bedrock.region" }] },
];
