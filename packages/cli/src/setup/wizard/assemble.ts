import { type Environment, Secret } from "@carapace/config";
import { defaultPort } from "@carapace/config/default-port";
import type { ChannelAnswer, Given, ProviderAnswer, SetupAnswers } from "../answers.ts";
import { providerOf } from "../choice.ts";
import { textBy, variableOf } from "../environment.ts";
import type { SetupMode } from "../finish.ts";
import { newToken } from "../new-token.ts";
import type { Answers } from "./answers.ts";

type Known = Partial<Answers>;

const none: Given = { kind: "none" };

/** What stands in for questions that were not asked. */
export interface AssembleSource {
  readonly env: Environment;
  readonly random: (bytes: number) => Uint8Array;
  readonly mode: SetupMode;
}

/** Pure but for the randomness. What the answers come to; what was not asked is at its default. */
export function assemble(answers: Known, { env, random, mode }: AssembleSource): SetupAnswers {
  const channel = channelAnswer(answers);
  // Where it was not asked, the outcome alone says that hooks are wanted.
  const isMade = answers.outcome === "hooks" && (answers.pace !== "every" || mode === "merge");
  const hooksToken = isMade ? new Secret(newToken(random)) : answers.hooksToken;
  return {
    provider: providerAnswer(answers, env),
    ...(answers.model !== undefined && { model: answers.model }),
    auth: answers.gatewayAuth ?? { mode: "token", token: new Secret(newToken(random)) },
    bind: answers.bind ?? "loopback",
    port: answers.port ?? defaultPort,
    outcome: answers.outcome ?? "local-chat",
    ...(channel && { channel }),
    ...(hooksToken && { hooksToken }),
    controlUi: answers.controlUi ?? false,
  };
}

/** Pure. @throws for answers without what their provider needs: its question was not asked */
export function providerAnswer(answers: Known, env: Environment): ProviderAnswer {
  const { provider = "offline", key = none, baseUrl } = answers;
  const address = baseUrl && { baseUrl };
  switch (provider) {
    case "offline":
      return { provider: "offline" };
    case "anthropic":
      if (answers.authMode !== "setup-token") return { provider, mode: "apiKey", key };
      return { provider, mode: "setupToken", profile: needed(answers, "profile") };
    case "openai":
      return answers.authMode === "oauth" ? codex(answers) : { provider, mode: "apiKey", key };
    case "codex":
      return codex(answers);
    case "ollama":
      return ollama(answers, env);
    case "gemini":
      if (answers.authMode === "api-key") return { provider, mode: "apiKey", key, ...address };
      return { provider, mode: "oauth", ...signedIn(answers), ...address };
    case "nearai":
    case "venice":
      return { provider, mode: "apiKey", key, ...address };
    case "vertex":
      return vertex(answers);
    case "bedrock":
      return bedrock(answers);
    case "claude-cli":
      return { provider, mode: "none" };
  }
}

/** In the quick way neither address nor key is asked for: those of the environment count, as they did when it was found. */
function ollama({ baseUrl, key, pace }: Known, env: Environment): ProviderAnswer {
  const { baseUrl: address, key: own } = providerOf("ollama");
  const name = pace === "every" ? undefined : variableOf(env, own);
  return {
    ...{ provider: "ollama", mode: "baseUrl" },
    baseUrl: baseUrl ?? textBy(env, address) ?? { kind: "text", text: "" },
    key: key ?? (name === undefined ? none : { kind: "variable", name }),
  };
}

function codex(answers: Known): ProviderAnswer {
  return { provider: "codex", mode: "oauth", ...signedIn(answers) };
}

function signedIn(answers: Known) {
  return { profile: needed(answers, "profile"), clientId: needed(answers, "client").id };
}

function vertex(answers: Known): ProviderAnswer {
  return {
    ...{ provider: "vertex", mode: "none" },
    projectId: needed(answers, "projectId"),
    location: needed(answers, "location"),
    ...(answers.routeModel && { routeModel: answers.routeModel }),
  };
}

function bedrock(answers: Known): ProviderAnswer {
  return {
    ...{ provider: "bedrock", mode: "staticCredentials" },
    region: needed(answers, "region"),
    accessKeyId: needed(answers, "accessKeyId"),
    secretAccessKey: needed(answers, "secretAccessKey"),
    sessionToken: answers.sessionToken ?? none,
  };
}

function channelAnswer(answers: Known): ChannelAnswer | undefined {
  const { outcome = "local-chat", botToken = none } = answers;
  const verifyTo = answers.verifyTo ? { verifyTo: answers.verifyTo } : {};
  switch (outcome) {
    case "discord":
    case "telegram":
      return botToken.kind === "none" ? undefined : { channel: outcome, botToken, ...verifyTo };
    case "matrix":
      return answers.homeserverUrl ? { ...matrix(answers, answers.homeserverUrl), ...verifyTo } : undefined;
    case "local-chat":
    case "hooks":
      return undefined;
  }
}

function matrix(
  answers: Known,
  homeserverUrl: string,
): Extract<ChannelAnswer, { readonly channel: "matrix" }> {
  const secret = needed(answers, "matrixToken");
  return {
    ...{ channel: "matrix", homeserverUrl, userId: needed(answers, "userId") },
    signIn:
      answers.matrixSignIn === "access-token"
        ? { kind: "accessToken", token: secret, deviceId: needed(answers, "deviceId") }
        : { kind: "password", password: secret },
    encrypted: answers.encrypted ?? true,
    storePassphrase: answers.storePassphrase ?? none,
    allowUsers: answers.allowUsers ?? [],
    allowServerNames: answers.allowServerNames ?? [],
  };
}

function needed<K extends keyof Answers>(answers: Known, key: K): NonNullable<Answers[K]> {
  const value = answers[key];
  if (value === undefined || value === null) throw new Error(`the answer ${key} is missing`);
  return value;
}
