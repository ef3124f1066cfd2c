import type { ModelEvent, ModelRequest, Provider } from "../types.ts";

const model = "basic";

/**
 * The built-in provider: a small rule-based assistant that needs no network and says what it is. It works through the
 * same loop as a model: asks for tools, and phrases an answer from their results on the next call. Results are data to
 * it; nothing in them is followed.
 */
export function createOfflineProvider(): Provider {
  return { id: "offline", isLanguageModel: false, complete };
}

async function* complete(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
  if (request.model !== model) {
    const say = `The built-in assistant has one model, offline:${model}. Choose it with: cara config set agents.defaults.model offline:${model}`;
    yield { kind: "failed", failure: { code: "no_such_model", say } };
    return;
  }
  // Loaded with the first question: what it can do need not lie in the memory of a gateway that is asked nothing.
  const { nextMove } = await import("./next-move.ts");
  const move = nextMove(request);
  const usage = { inputTokens: 0, outputTokens: 0 };
  if ("use" in move) {
    for (const [index, call] of move.use.entries()) {
      yield { kind: "tool_use", id: `offline_${request.messages.length}_${index}`, ...call };
    }
    yield { kind: "stop", reason: "tool_use", usage };
    return;
  }
  for (const word of move.say.match(/\s*\S+\s*$|\s*\S+/g) ?? []) {
    if (signal.aborted) return;
    yield { kind: "text", delta: word };
  }
  yield { kind: "stop", reason: "end_turn", usage };
}
