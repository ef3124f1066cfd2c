import type { ModelEvent, ModelRequest, Provider } from "../types.ts";
import { type Move, readQuestion } from "./question.ts";
import { planFor } from "./skills.ts";
import { unknownText } from "./texts.ts";

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

/** Pure. What the assistant does next with this context. */
export function nextMove(request: Pick<ModelRequest, "messages" | "tools">): Move {
  const question = readQuestion(request.messages);
  if (question === undefined) return { say: unknownText };
  const failed = question.results.find((result) => result.isError);
  if (failed !== undefined) return { say: `That did not work: ${String(failed.value)}` };
  const move = planFor(question.text)(question.results);
  if (!("use" in move)) return move;
  const offered = new Set(request.tools.map((tool) => tool.name));
  const missing = move.use.find((call) => !offered.has(call.name));
  return missing === undefined
    ? move
    : { say: `For that I need the tool ${missing.name}, and it is switched off here.` };
}
