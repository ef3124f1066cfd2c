import { type OAuthServer, oauthServer, testClientId } from "@carapace/accounts/testing";
import {
  anthropicReply,
  googleReply,
  jsonReply,
  ollamaTags,
  openaiReply,
  type ReceivedRequest,
  type Reply,
  startVendorServer,
} from "@carapace/agent/testing";
import {
  discordTestToken,
  startDiscordServer,
  startTelegramServer,
  telegramTestToken,
} from "@carapace/channels/testing";

/** Secrets that are typed or exported along the paths; none is real. */
export const secrets = {
  anthropic: "sk-ant-api03-terminal-paths-4f1c9a7e2b60d8c35a",
  openai: "sk-proj-terminal-paths-91b7c2e4d5f60a8b3c",
  gemini: "AIzaSyTerminalPaths-0a9b8c7d6e5f4g3h2",
  nearai: "near-terminal-paths-7c3e1d9f5b2a8046",
  venice: "venice-terminal-paths-2f8e6d4c0b9a7531",
  ollama: "ollama-terminal-paths-5d7b9f1e3c2a6084",
  awsId: "AKIATERMINALPATHS7Q2",
  awsSecret: "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",
  awsSession: "IQoJb3JpZ2luTerminalPathsX5c9e1a7f3b",
  setupToken: `sk-ant-oat01-terminal-paths-${"q7w2e9r4t6".repeat(8)}`,
  clientSecret: "GOCSPX-terminal-paths-8a6c4e2f0b1d",
  gatewayToken: "gateway-token-of-terminal-paths-31f7",
  matrixToken: "syt_terminal_paths_b7d9f1c3e5a20846",
  matrixPassword: "matrix password of terminal paths 6e",
  passphrase: "passphrase of terminal paths 90c2e4",
  hooksToken: "hooks-token-of-terminal-paths-5b8d1f",
  configPassword: "config password of terminal paths 7a",
  refused: "sk-ant-api03-wrong-terminal-paths-000000",
  unanswered: "sk-ant-api03-silent-terminal-paths-111111",
  telegram: telegramTestToken,
  discord: discordTestToken,
} as const;

/** The vendors as they answer on this machine. */
export interface Ground extends AsyncDisposable {
  /** Every model provider; keys that hold `wrong` are refused, those that hold `silent` never answered. */
  readonly models: string;
  readonly telegram: string;
  readonly discord: string;
  readonly signIn: OAuthServer;
  /** How many providers a setup finds by itself here: an Ollama that really runs. */
  readonly found: number;
}

export const clientId = testClientId;

export async function openGround(): Promise<Ground> {
  await using opened = new AsyncDisposableStack();
  const models = opened.use(await startVendorServer());
  models.otherwise(answer);
  const telegram = opened.use(await startTelegramServer());
  const discord = opened.use(await startDiscordServer());
  const signIn = opened.use(oauthServer({ clientSecret: secrets.clientSecret }));
  const found = await fetch("http://localhost:11434/api/tags").then(
    ({ ok }) => (ok ? 1 : 0),
    () => 0,
  );
  const kept = opened.move();
  return {
    ...{ models: models.origin, telegram: telegram.baseUrl, discord: discord.baseUrl, signIn, found },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The last one would steer a terminal. */
const ollamaModels = ["qwen3:8b", "llama3.3:70b", "evil\x1b]0;mine\x07\u202e:1b"];

function answer({ method, path, headers }: ReceivedRequest): Reply {
  if (JSON.stringify(headers).includes("wrong")) return jsonReply(401, { error: { message: "no such key" } });
  if (JSON.stringify(headers).includes("silent")) return { kind: "silence" };
  if (method === "GET" && path.startsWith("/api/tags")) return ollamaTags(ollamaModels);
  if (method === "GET") return jsonReply(200, { data: [{ id: "claude-sonnet-4-6" }], models: [] });
  if (path.startsWith("/v1/messages")) {
    return anthropicReply({ blocks: [{ type: "text", deltas: ["Here I am."] }] });
  }
  if (path.includes("enerateContent")) return googleReply({ parts: [{ text: "Here I am." }] });
  return openaiReply({ deltas: [{ content: "Here I am." }] });
}
