import type { LiveCheckRequest } from "@carapace/agent/live-check";
import { type Environment, parseModelRef, type Secret, secretOf } from "@carapace/config";
import type { CliWorld } from "../world.ts";
import type { Given, GivenText, ProviderAnswer } from "./answers.ts";
import { providerOf } from "./choice.ts";
import { variableOf } from "./environment.ts";

/** What a live check found: words for the summary (agent.md §15). */
export interface LiveFinding {
  /** `skip`: nobody was asked, or nothing was proven either way. */
  readonly status: "pass" | "fail" | "skip";
  readonly detail: string;
  readonly remediation?: string;
}

/** What to check. */
export interface LiveAsk {
  readonly answer: ProviderAnswer;
  /** As it is written: `anthropic:claude-…`. */
  readonly model: string | undefined;
  readonly world: CliWorld;
  readonly signal?: AbortSignal;
}

/**
 * Asks the provider whether what was answered works, as the gateway will ask it: an address in the environment comes
 * before one in the answers. Takes 10 s at most; what it says holds no secret. A sign-in was proven when it was made.
 */
export async function checkLive({ answer, model, world, signal }: LiveAsk): Promise<LiveFinding> {
  const { env } = world;
  const signedIn = bySignIn(answer);
  if (signedIn !== undefined) return signedIn;
  const request = requestOf(answer, modelId(model), env);
  if (request === undefined) return { status: "skip", detail: "Without a key nobody can be asked." };
  const { liveCheck } = await import("@carapace/agent/live-check");
  const found = await liveCheck(request, {
    nowMs: world.nowMs,
    lookup: (name) => env[name],
    ...(signal && { signal }),
  });
  const { status, detail, remediation } = found;
  return { status, detail, ...(remediation !== undefined && { remediation }) };
}

function bySignIn(answer: ProviderAnswer): LiveFinding | undefined {
  if (answer.provider === "offline") {
    return { status: "pass", detail: "The built-in assistant needs neither a key nor a network." };
  }
  switch (answer.mode) {
    case "oauth":
      return { status: "pass", detail: "The sign-in was made just now." };
    case "setupToken":
      return { status: "skip", detail: "A setup token is proven by its first use." };
    default:
      return undefined;
  }
}

/** Pure. What is asked; undefined without what proves the owner. */
export function requestOf(
  answer: ProviderAnswer,
  model: string | undefined,
  env: Environment,
): LiveCheckRequest | undefined {
  const wanted = model === undefined ? {} : { model };
  switch (answer.provider) {
    case "anthropic":
    case "openai":
    case "nearai":
    case "venice": {
      if (answer.mode !== "apiKey") return undefined;
      const key = secretGiven(answer.key, env);
      const address = addressOf(answer, env);
      return key && { provider: answer.provider, key, ...address, ...wanted };
    }
    case "gemini": {
      const key = answer.mode === "apiKey" ? secretGiven(answer.key, env) : undefined;
      const address = addressOf(answer, env);
      return key && { provider: "gemini", credential: { kind: "key", key }, ...address, ...wanted };
    }
    case "ollama": {
      const key = secretGiven(answer.key, env);
      return { provider: "ollama", ...(key && { key }), ...addressOf(answer, env), ...wanted };
    }
    case "bedrock":
      return bedrockRequest(answer, wanted, env);
    case "vertex":
      return vertexRequest(answer, model, env);
    case "claude-cli":
      return { provider: "claude-cli" };
    case "codex":
    case "offline":
      return undefined;
  }
}

function bedrockRequest(
  answer: Extract<ProviderAnswer, { readonly provider: "bedrock" }>,
  wanted: { readonly model?: string },
  env: Environment,
): LiveCheckRequest | undefined {
  const accessKeyId = secretGiven(answer.accessKeyId, env);
  const secretAccessKey = secretGiven(answer.secretAccessKey, env);
  const sessionToken = secretGiven(answer.sessionToken, env);
  const region = textGiven(answer.region, env);
  if (!accessKeyId || !secretAccessKey || region === undefined) return undefined;
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  return { provider: "bedrock", region, ...keys, ...wanted };
}

/** `vertex:default` stands for the model that was named for it. */
function vertexRequest(
  answer: Extract<ProviderAnswer, { readonly provider: "vertex" }>,
  model: string | undefined,
  env: Environment,
): LiveCheckRequest | undefined {
  const projectId = textGiven(answer.projectId, env);
  const location = textGiven(answer.location, env);
  const named = model === "default" ? textGiven(answer.routeModel, env) : model;
  if (projectId === undefined) return undefined;
  return {
    ...{ provider: "vertex", projectId },
    ...(location !== undefined && { location }),
    ...(named !== undefined && { model: named }),
  };
}

function modelId(model: string | undefined): string | undefined {
  const ref = model === undefined ? undefined : parseModelRef(model);
  return ref?.ok ? ref.value.model : undefined;
}

function addressOf(
  answer: Exclude<ProviderAnswer, { readonly provider: "offline" }>,
  env: Environment,
): { readonly baseUrl?: string } {
  const variable = variableOf(env, providerOf(answer.provider).baseUrl);
  const given = "baseUrl" in answer ? textGiven(answer.baseUrl, env) : undefined;
  const baseUrl = variable === undefined ? given : env[variable]?.trim();
  return baseUrl === undefined ? {} : { baseUrl };
}

/** What a given secret comes to; undefined if it is not set or blank. */
function secretGiven(given: Given, env: Environment): Secret | undefined {
  if (given.kind === "none") return undefined;
  return secretOf(given.kind === "typed" ? given.secret.reveal() : env[given.name]);
}

function textGiven(given: GivenText | undefined, env: Environment): string | undefined {
  const text = given?.kind === "variable" ? env[given.name] : given?.text;
  return text?.trim() === "" ? undefined : text?.trim();
}
