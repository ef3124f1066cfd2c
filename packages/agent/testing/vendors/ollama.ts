import { jsonReply } from "./sse.ts";
import type { Reply } from "./wire.ts";

/** `GET /api/tags`: the models this machine has. */
export function ollamaTags(names: readonly string[]): Reply {
  return jsonReply(200, {
    models: names.map((name) => ({
      name,
      model: name,
      modified_at: "2026-05-04T14:56:49.277302595-07:00",
      size: 3825819519,
      digest: "fe938a131f40e6f6d40083c9f0f430a515233eb2edaa6d72eb85c50d64f2300e",
      details: {
        format: "gguf",
        family: "llama",
        families: null,
        parameter_size: "7B",
        quantization_level: "Q4_0",
      },
    })),
  });
}

/** An error of its OpenAI-compatible endpoint. */
export function ollamaError(status: number, message: string): Reply {
  const type = status === 404 ? "not_found_error" : status < 500 ? "invalid_request_error" : "api_error";
  return jsonReply(status, { error: { message, type, param: null, code: null } });
}
