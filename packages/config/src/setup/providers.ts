import type { ModelProvider } from "../schema/model-ref.ts";

/** How an owner proves themselves to a provider (http.md §12.4). */
export type ProviderAuthMode = "apiKey" | "setupToken" | "oauth" | "baseUrl" | "staticCredentials" | "none";

/** A setting: the variables that give it, the first one set wins, and its place in the configuration. */
export interface SetupSetting {
  readonly variables: readonly string[];
  readonly path: string;
}

/** A provider as an owner meets it who sets it up (cli.md §3.10, agent.md §3). */
export interface SetupProvider {
  /** As `--provider` names it, and the prefix of its model strings. */
  readonly id: Exclude<ModelProvider, "offline">;
  /** Other names of it on the command line. */
  readonly aliases: readonly string[];
  readonly label: string;
  /** The first one is the default. */
  readonly authModes: readonly ProviderAuthMode[];
  readonly key?: SetupSetting;
  readonly baseUrl?: SetupSetting & { readonly default?: string };
  /** What else it asks for, by name. */
  readonly settings?: Readonly<Record<string, SetupSetting & { readonly default?: string }>>;
  /** Those of them that it cannot do without, whatever proves its owner. */
  readonly needed?: readonly string[];
  /** Where its stored sign-in is named, and whose that is. */
  readonly profile?: { readonly path: string; readonly of: "anthropic" | "google" | "openai" };
  /** What a model of it looks like: for examples and prompts. */
  readonly exampleModel: string;
}

const at = (path: string, ...variables: string[]): SetupSetting => ({ variables, path });

/** In the order of offers and of http.md §12.4, which knows no Claude CLI. */
export const setupProviders: readonly SetupProvider[] = [
  {
    ...{ id: "anthropic", aliases: ["claude"], label: "Anthropic", authModes: ["apiKey", "setupToken"] },
    key: at("anthropic.apiKey", "ANTHROPIC_API_KEY"),
    baseUrl: at("anthropic.baseUrl", "ANTHROPIC_BASE_URL"),
    settings: { setupToken: at("anthropic.authProfile", "ANTHROPIC_SETUP_TOKEN") },
    profile: { path: "anthropic.authProfile", of: "anthropic" },
    exampleModel: "anthropic:claude-sonnet-4-6",
  },
  {
    ...{ id: "codex", aliases: [], label: "Codex", authModes: ["oauth"] },
    profile: { path: "codex.authProfile", of: "openai" },
    exampleModel: "codex:default",
  },
  {
    ...{ id: "openai", aliases: ["gpt"], label: "OpenAI", authModes: ["apiKey"] },
    key: at("openai.apiKey", "OPENAI_API_KEY"),
    baseUrl: at("openai.baseUrl", "OPENAI_BASE_URL"),
    exampleModel: "openai:gpt-5.5",
  },
  {
    ...{ id: "ollama", aliases: [], label: "Ollama", authModes: ["baseUrl"] },
    key: at("providers.ollama.apiKey", "OLLAMA_API_KEY"),
    baseUrl: { ...at("providers.ollama.baseUrl", "OLLAMA_BASE_URL"), default: "http://localhost:11434" },
    exampleModel: "ollama:qwen3",
  },
  {
    ...{ id: "gemini", aliases: [], label: "Gemini", authModes: ["oauth", "apiKey"] },
    key: at("google.apiKey", "GOOGLE_API_KEY"),
    baseUrl: at("google.baseUrl", "GOOGLE_API_BASE_URL"),
    profile: { path: "google.authProfile", of: "google" },
    exampleModel: "gemini:gemini-flash-latest",
  },
  {
    ...{ id: "vertex", aliases: [], label: "Vertex", authModes: ["none"] },
    settings: {
      projectId: at("vertex.projectId", "VERTEX_PROJECT_ID"),
      location: { ...at("vertex.location", "VERTEX_LOCATION"), default: "us-central1" },
      model: at("vertex.model", "VERTEX_MODEL"),
    },
    needed: ["projectId"],
    exampleModel: "vertex:default",
  },
  {
    ...{ id: "nearai", aliases: ["near-ai", "near"], label: "NEAR AI Cloud", authModes: ["apiKey"] },
    key: at("nearai.apiKey", "NEARAI_API_KEY"),
    baseUrl: { ...at("nearai.baseUrl", "NEARAI_BASE_URL"), default: "https://cloud-api.near.ai/v1" },
    exampleModel: "nearai:deepseek-ai/DeepSeek-V3.1",
  },
  {
    ...{ id: "venice", aliases: [], label: "Venice", authModes: ["apiKey"] },
    key: at("venice.apiKey", "VENICE_API_KEY"),
    baseUrl: { ...at("venice.baseUrl", "VENICE_BASE_URL"), default: "https://api.venice.ai/api" },
    exampleModel: "venice:llama-3.3-70b",
  },
  {
    ...{ id: "bedrock", aliases: [], label: "Bedrock", authModes: ["staticCredentials"] },
    settings: {
      region: { ...at("bedrock.region", "AWS_REGION", "AWS_DEFAULT_REGION"), default: "us-east-1" },
      accessKeyId: at("bedrock.accessKeyId", "AWS_ACCESS_KEY_ID"),
      secretAccessKey: at("bedrock.secretAccessKey", "AWS_SECRET_ACCESS_KEY"),
      sessionToken: at("bedrock.sessionToken", "AWS_SESSION_TOKEN"),
    },
    needed: ["region", "accessKeyId", "secretAccessKey"],
    exampleModel: "bedrock:anthropic.claude-sonnet-4-5-20250929-v1:0",
  },
  {
    ...{ id: "claude-cli", aliases: [], label: "Claude CLI", authModes: ["none"] },
    settings: { enabled: at("claudeCli.enabled", "CLAUDE_CLI_ENABLED") },
    exampleModel: "claude-cli:default",
  },
];

/** The provider of an id. */
export function setupProvider(id: SetupProvider["id"]): SetupProvider {
  const found = setupProviders.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no provider ${id}`);
  return found;
}
