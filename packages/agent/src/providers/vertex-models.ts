import type { LanguageModelV4 } from "@ai-sdk/provider";
import { openGoogleModel } from "./google-wire.ts";
import type { FetchLike } from "./transport.ts";
import { publisherPath, type VertexTarget } from "./vertex-target.ts";

/** Where and as whom a model of Vertex is asked. */
export interface VertexEndpoint {
  /** Of the location, without the version of the API. */
  readonly serviceUrl: string;
  readonly projectId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: FetchLike;
}

/** Loads the wire of a model's publisher (agent.md §4.2) and makes the model. */
export function openVertexModel(target: VertexTarget, endpoint: VertexEndpoint): Promise<LanguageModelV4> {
  if (target.publisher === "google") return openGoogle(target, endpoint);
  return target.publisher === "anthropic" ? openAnthropic(target, endpoint) : openOther(target, endpoint);
}

function openGoogle(target: VertexTarget, { serviceUrl, projectId, headers, fetch }: VertexEndpoint) {
  const baseUrl = `${serviceUrl}/v1beta1/${publisherPath(projectId, target)}`;
  return openGoogleModel(target.id, { baseUrl, headers, fetch, isVertex: true });
}

async function openAnthropic(target: VertexTarget, endpoint: VertexEndpoint): Promise<LanguageModelV4> {
  const { AnthropicLanguageModel } = await import("@ai-sdk/anthropic/internal");
  return new AnthropicLanguageModel(target.id, {
    provider: "vertex.anthropic.messages",
    baseURL: endpoint.serviceUrl,
    headers: { ...endpoint.headers },
    fetch: endpoint.fetch,
    buildRequestUrl: () => rawPredictUrl(target, endpoint),
    transformRequestBody: ({ model: _model, ...body }) => ({
      ...body,
      anthropic_version: "vertex-2023-10-16",
    }),
    supportedUrls: () => ({}),
    supportsNativeStructuredOutput: false,
    supportsStrictTools: false,
  });
}

async function openOther(target: VertexTarget, endpoint: VertexEndpoint): Promise<LanguageModelV4> {
  const { OpenAICompatibleChatLanguageModel } = await import("@ai-sdk/openai-compatible");
  return new OpenAICompatibleChatLanguageModel(target.id, {
    provider: "vertex.chat",
    headers: { ...endpoint.headers },
    url: () => rawPredictUrl(target, endpoint),
    fetch: endpoint.fetch,
    includeUsage: true,
  });
}

function rawPredictUrl(target: VertexTarget, { serviceUrl, projectId }: VertexEndpoint): string {
  return `${serviceUrl}/v1/${publisherPath(projectId, target)}/models/${target.id}:streamRawPredict`;
}
