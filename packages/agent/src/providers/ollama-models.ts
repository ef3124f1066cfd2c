import { isRecord, ok, type Result, refuse } from "@carapace/protocol";
import type { Account } from "./account.ts";
import { troubleOf } from "./failures.ts";
import { getJson } from "./transport.ts";

/** The first model the server has (`GET /api/tags`), as a model string; a refusal if it cannot be asked or has none. */
export async function firstOllamaModel(settings: Account, nowMs: () => number): Promise<Result<string>> {
  const { vendor, key, baseUrl } = settings;
  const headers = key === undefined ? {} : { authorization: `Bearer ${key.reveal()}` };
  try {
    const [name] = ollamaNames(await getJson(`${baseUrl}/api/tags`, { headers, timeoutMs: tagsTimeoutMs }));
    if (name !== undefined) return ok(`${vendor.id}:${name}`);
    return refuse("missing_model", "Ollama has no model yet: get one with, for example: ollama pull qwen3");
  } catch (error) {
    return refuse("unavailable", troubleOf(error, { vendor, model: "", nowMs: nowMs() }).failure.say);
  }
}

const tagsTimeoutMs = 5000;

/** Pure. The models that `/api/tags` told. */
export function ollamaNames(body: unknown): string[] {
  const models = isRecord(body) && Array.isArray(body["models"]) ? body["models"] : [];
  return models.flatMap((model: unknown) =>
    isRecord(model) && typeof model["name"] === "string" ? [model["name"]] : [],
  );
}
