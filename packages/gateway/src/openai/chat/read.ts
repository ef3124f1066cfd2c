import { invalid } from "../errors.ts";
import { checkToolChoice, clientTools } from "../question/client-tools.ts";
import { readContent, textIn } from "../question/read-content.ts";
import { readInput } from "../question/read-input.ts";
import { samplingOf } from "../question/sampling.ts";
import { settleResults } from "../question/settle-results.ts";
import type { Piece, Question, Read, Turn } from "../question/types.ts";
import type { ChatRequest } from "../schemas/chat-request.ts";

type Message = ChatRequest["messages"][number];

/** Pure. The question in a body of `/v1/chat/completions` (http.md §11.1). */
export function readChat(body: ChatRequest): Read<Question> {
  const systems: string[] = [];
  const turns: Turn[] = [];
  for (const [index, message] of body.messages.entries()) {
    const pieces = readContent(message.content, `messages.${index}.content`);
    if (!pieces.ok) return pieces;
    if (message.role === "system" || message.role === "developer") systems.push(textIn(pieces.value));
    else turns.push(...turnOf(message, pieces.value));
  }
  if (!turns.some(({ role, pieces }) => role === "user" && pieces.length > 0)) {
    return { ok: false, error: invalid("Missing user message in `messages`.", "messages") };
  }
  if ((body.n ?? 1) !== 1) return { ok: false, error: invalid("n must be 1: one reply is made", "n") };
  const tools = clientTools(body.tools);
  const choice = checkToolChoice(body.tool_choice, tools);
  if (!choice.ok) return choice;
  const { model, user } = body;
  const system = systems.filter((text) => text.trim() !== "").join("\n\n");
  const question = { model, system, turns: settleResults(turns), tools, sampling: samplingIn(body) };
  return { ok: true, value: user ? { ...question, user } : question };
}

/** Other roles are not read. */
function turnOf(message: Message, pieces: readonly Piece[]): Turn[] {
  switch (message.role) {
    case "user":
      return [{ role: "user", pieces }];
    case "assistant": {
      const calls = (message.tool_calls ?? []).map(
        (call): Piece => ({
          kind: "call",
          id: call.id,
          name: call.function.name,
          input: readInput(call.function.arguments),
        }),
      );
      return [{ role: "assistant", pieces: [...pieces, ...calls] }];
    }
    case "tool":
      return [
        { role: "tool", pieces: [{ kind: "result", id: message.tool_call_id ?? "", text: textIn(pieces) }] },
      ];
    default:
      return [];
  }
}

function samplingIn(body: ChatRequest) {
  const { response_format: format } = body;
  return samplingOf({
    maxTokens: body.max_completion_tokens ?? body.max_tokens,
    temperature: body.temperature,
    topP: body.top_p,
    frequencyPenalty: body.frequency_penalty,
    presencePenalty: body.presence_penalty,
    seed: body.seed,
    stop: body.stop,
    effort: body.reasoning_effort,
    toolChoice: body.tool_choice,
    json: !format || format.type === "text" ? undefined : "json_schema" in format ? format.json_schema : {},
  });
}
