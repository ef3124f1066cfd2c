import { sseFrame } from "../../http/sse.ts";
import type { Answer, ReplyEvent } from "../answer/types.ts";
import { callItem, messageItem, type OutputItem, textPart } from "./items.ts";
import { lastEvent, type ResponseHead, type ResponseState, responseObject } from "./write.ts";

type Ended = Extract<ResponseState, { kind: "ended" }>;

/** A part of the stream before it has its number. */
interface Told {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * A reply as frames, each with its number, in the order of http.md §11.2.
 * @param onEnded Awaited before the end is told: what is acknowledged is kept. Contract: must not throw.
 */
export async function* responseFrames(
  head: ResponseHead,
  answer: Pick<Answer, "events">,
  onEnded: (ended: Ended) => Promise<void>,
): AsyncGenerator<string> {
  let number = 0;
  for await (const { type, ...rest } of told(head, answer, onEnded)) {
    yield sseFrame(JSON.stringify({ type, ...rest, sequence_number: number++ }), type);
  }
}

async function* told(
  head: ResponseHead,
  { events }: Pick<Answer, "events">,
  onEnded: (ended: Ended) => Promise<void>,
): AsyncGenerator<Told> {
  const begun = responseObject(head, { kind: "in_progress" });
  yield { type: "response.created", response: begun };
  yield { type: "response.in_progress", response: begun };
  const draft = new Draft(head.digits);
  for await (const event of events) {
    if (event.kind === "text") yield* draft.text(event.delta);
    else if (event.kind === "call") yield* draft.call(event);
    else {
      const state = event.kind === "failed" ? event : ({ ...event, kind: "ended" } as const);
      if (state.kind === "failed") yield ending(head, state);
      else {
        yield* draft.close();
        const ended = { ...state, output: draft.output };
        await onEnded(ended);
        yield ending(head, ended);
      }
    }
  }
}

function ending(head: ResponseHead, state: ResponseState): Told {
  return { type: lastEvent(head, state), response: responseObject(head, state) };
}

/** The items of a reply while they come. */
class Draft {
  readonly #digits: string;
  /** Of the open message; undefined if none is. */
  #text: string[] | undefined;
  #calls = 0;
  #messages = 0;
  readonly output: OutputItem[] = [];

  constructor(digits: string) {
    this.#digits = digits;
  }

  *text(delta: string): Generator<Told> {
    yield* this.#openMessage();
    this.#text?.push(delta);
    yield { type: "response.output_text.delta", ...this.#place(), delta, logprobs: [] };
  }

  *call(event: Extract<ReplyEvent, { kind: "call" }>): Generator<Told> {
    yield* this.#closeMessage();
    const item = callItem(this.#digits, this.#calls++, event);
    const at = { item_id: item.id, output_index: this.output.length };
    const { output_index } = at;
    yield added(output_index, { ...item, arguments: "", status: "in_progress" });
    yield { type: "response.function_call_arguments.delta", ...at, delta: item.arguments };
    yield {
      type: "response.function_call_arguments.done",
      ...at,
      name: item.name,
      arguments: item.arguments,
    };
    yield done(output_index, item);
    this.output.push(item);
  }

  /** A reply without anything is an empty message. */
  *close(): Generator<Told> {
    if (this.output.length === 0) yield* this.#openMessage();
    yield* this.#closeMessage();
  }

  *#openMessage(): Generator<Told> {
    if (this.#text !== undefined) return;
    this.#text = [];
    const { id, role, type } = messageItem(this.#name(), "");
    yield added(this.output.length, { type, id, role, content: [], status: "in_progress" });
    yield { type: "response.content_part.added", ...this.#place(), part: textPart("") };
  }

  *#closeMessage(): Generator<Told> {
    if (this.#text === undefined) return;
    const text = this.#text.join("");
    const item = messageItem(this.#name(), text);
    yield { type: "response.output_text.done", ...this.#place(), text, logprobs: [] };
    yield { type: "response.content_part.done", ...this.#place(), part: textPart(text) };
    yield done(this.output.length, item);
    this.output.push(item);
    this.#text = undefined;
    this.#messages += 1;
  }

  #name(): string {
    return this.#messages === 0 ? this.#digits : `${this.#digits}_${this.#messages}`;
  }

  #place() {
    return { item_id: `msg_${this.#name()}`, output_index: this.output.length, content_index: 0 };
  }
}

function added(output_index: number, item: object): Told {
  return { type: "response.output_item.added", output_index, item };
}

function done(output_index: number, item: object): Told {
  return { type: "response.output_item.done", output_index, item };
}
