import { invalid } from "../errors.ts";
import { checkToolChoice, clientTools } from "../question/client-tools.ts";
import { readContent, textIn } from "../question/read-content.ts";
import { readInput } from "../question/read-input.ts";
import { samplingOf } from "../question/sampling.ts";
import { settleResults } from "../question/settle-results.ts";
import type { Question, Read, Turn } from "../question/types.ts";
import type { InputItem, ResponsesRequest } from "../schemas/responses-request.ts";

/** What earlier replies hold of the conversation. */
export interface Earlier {
  /** Of `previous_response_id`. */
  readonly turns: readonly Turn[];
  /** What `item_reference` items stand for, by their ids. */
  readonly items: ReadonlyMap<string, Turn>;
}

/** Pure. The question in a body of `/v1/responses` (http.md §11.2). */
export function readResponses(body: ResponsesRequest, earlier: Earlier): Read<Question> {
  const systems = [body.instructions ?? ""];
  const sent: Turn[] = [];
  for (const [index, item] of inputOf(body).entries()) {
    const turn = readItem(item, `input.${index}`, { systems, items: earlier.items });
    if (!turn.ok) return turn;
    if (turn.value !== undefined) sent.push(turn.value);
  }
  const turns = settleResults([...earlier.turns, ...sent]);
  if (!turns.some(({ role, pieces }) => role === "user" && pieces.length > 0)) {
    return { ok: false, error: invalid("Missing user message in `input`.", "input") };
  }
  const tools = clientTools(body.tools);
  const choice = checkToolChoice(body.tool_choice, tools);
  if (!choice.ok) return choice;
  const { model, user } = body;
  const system = systems.filter((text) => text.trim() !== "").join("\n\n");
  const question = { model, system, turns, tools, sampling: samplingIn(body), ...(user && { user }) };
  return { ok: true, value: question };
}

/** Pure. The ids that stand for items of earlier replies. */
export function referencedIds(body: ResponsesRequest): string[] {
  return inputOf(body).flatMap((item) => (item.type === "item_reference" ? [item.id] : []));
}

function inputOf({ input }: ResponsesRequest): readonly InputItem[] {
  return typeof input === "string" ? [{ type: "message", role: "user", content: input }] : input;
}

interface Context {
  /** Texts of system messages are added here. */
  readonly systems: string[];
  readonly items: Earlier["items"];
}

/** @returns undefined for what is not part of the conversation. */
function readItem(item: InputItem, param: string, { systems, items }: Context): Read<Turn | undefined> {
  switch (item.type) {
    case "message": {
      const pieces = readContent(item.content, `${param}.content`);
      if (!pieces.ok) return pieces;
      const { role } = item;
      if (role === "system" || role === "developer") systems.push(textIn(pieces.value));
      if (role !== "user" && role !== "assistant") return { ok: true, value: undefined };
      return { ok: true, value: { role, pieces: pieces.value } };
    }
    case "function_call": {
      const { name, arguments: text, call_id: id = item.id ?? "" } = item;
      return turn("assistant", { kind: "call", id, name, input: readInput(text) });
    }
    case "function_call_output": {
      const output = readContent(item.output, `${param}.output`);
      return output.ok
        ? turn("tool", { kind: "result", id: item.call_id, text: textIn(output.value) })
        : output;
    }
    case "item_reference": {
      const found = items.get(item.id);
      if (found !== undefined) return { ok: true, value: found };
      const say = "No such item is stored (any more): send the item itself.";
      return { ok: false, error: invalid(say, `${param}.id`) };
    }
    case "reasoning":
      return { ok: true, value: undefined };
  }
}

function turn(role: Turn["role"], piece: Turn["pieces"][number]): Read<Turn> {
  return { ok: true, value: { role, pieces: [piece] } };
}

function samplingIn(body: ResponsesRequest) {
  const format = body.text?.format;
  return samplingOf({
    maxTokens: body.max_output_tokens,
    temperature: body.temperature,
    topP: body.top_p,
    effort: body.reasoning?.effort,
    toolChoice: body.tool_choice,
    json: !format || format.type === "text" ? undefined : format.type === "json_schema" ? format : {},
  });
}
