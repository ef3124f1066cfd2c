import type { ModelRequest } from "../types.ts";
import { type Move, readQuestion } from "./question.ts";
import { planFor } from "./skills.ts";
import { unknownText } from "./texts.ts";

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
