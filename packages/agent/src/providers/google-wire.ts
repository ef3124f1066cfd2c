import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { FetchLike } from "./transport.ts";

/** Where Google's models are asked: everything before `/models/{id}:streamGenerateContent`, and who asks. */
export interface GoogleEndpoint {
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: FetchLike;
  /** Vertex takes no ids of calls, and its own set of options. */
  readonly isVertex?: boolean;
}

/** Loads Google's wire (agent.md §4.5) and makes a model of it. */
export async function openGoogleModel(
  model: string,
  { baseUrl, headers, fetch, isVertex = false }: GoogleEndpoint,
): Promise<LanguageModelV4> {
  const { GoogleLanguageModel } = await import("@ai-sdk/google/internal");
  return new GoogleLanguageModel(model, {
    provider: isVertex ? "google.vertex.chat" : "google.generative-ai",
    baseURL: baseUrl,
    headers: { ...headers },
    fetch,
    generateId: () => crypto.randomUUID(),
  });
}

/** Whether a model's name can stand in a path: `gemini-…`, or with its collection, `tunedModels/…`. */
export function isModelPath(model: string): boolean {
  return /^[A-Za-z0-9][\w.@-]*(\/[A-Za-z0-9][\w.@-]*){0,5}$/.test(model);
}
