import { json } from "../../http/json.ts";
import type { Visit } from "../../http/route.ts";
import { type AnswerDeps, answerQuestion } from "../answer/answerer.ts";
import type { Entry } from "../answer/blocks.ts";
import { collect } from "../answer/collect.ts";
import type { OpenAiDeps } from "../deps.ts";
import { errorAnswer } from "../errors.ts";
import type { Open } from "../open-replies.ts";
import { parseBody } from "../parse-body.ts";
import { responsesRequest } from "../schemas/responses-request.ts";
import { sseAnswer } from "../sse.ts";
import { responseFrames } from "./frames.ts";
import { entriesOfItems, itemsOf } from "./items.ts";
import { readResponses, referencedIds } from "./read.ts";
import { findEarlier, keepResponse, type StoredDeps } from "./stored.ts";
import { type ResponseHead, type ResponseState, responseObject } from "./write.ts";

type Ended = Extract<ResponseState, { kind: "ended" }>;

/** `POST /v1/responses` (http.md §11.2). */
export async function responses(visit: Visit, open: Open, deps: AnswerDeps): Promise<Response> {
  const body = await visit.body();
  if (!body.ok) return body.response;
  const bodyText = body.text();
  const parsed = parseBody(bodyText, responsesRequest());
  if (!parsed.ok) return errorAnswer(parsed.error);
  const stored = { responses: deps.state.responses, nowMs: deps.world.nowMs };
  const wanted = {
    previous: parsed.value.previous_response_id ?? undefined,
    itemIds: referencedIds(parsed.value),
  };
  const earlier = await findEarlier(wanted, stored);
  if (!earlier.ok) return errorAnswer(earlier.error);
  const read = readResponses(parsed.value, earlier.value);
  if (!read.ok) return errorAnswer(read.error);
  const question = read.value;
  const { signal } = visit;
  const { headers } = visit.request;
  const begun = await open.begin(signal, () => answerQuestion({ question, headers, bodyText, signal }, deps));
  if (!begun.ok) return errorAnswer(begun.error);
  const { answer, entries } = begun.value;
  const digits = deps.world.newId().replaceAll("-", "");
  const createdAt = Math.floor(deps.world.nowMs() / 1000);
  const head: ResponseHead = { digits, createdAt, model: answer.model, body: parsed.value };
  const keep = (ended: Ended) => keepEnded({ head, ended, entries }, stored, deps);
  if (parsed.value.stream === true) {
    return sseAnswer(responseFrames(head, answer, keep), {
      pingMs: deps.pingMs ?? 15_000,
      onCancel: answer.stop,
    });
  }
  const reply = await collect(answer);
  if (reply === undefined) return new Response(null, { status: 499 });
  if (!reply.ok) return errorAnswer(reply.error);
  const { finish, usage } = reply.value;
  const ended: Ended = { kind: "ended", output: itemsOf(digits, reply.value), finish, usage };
  await keep(ended);
  return json(responseObject(head, ended));
}

interface Ending {
  readonly head: ResponseHead;
  readonly ended: Ended;
  readonly entries: readonly Entry[];
}

/** Unless the client wants none of it (`store: false`). */
async function keepEnded(
  { head, ended, entries }: Ending,
  stored: StoredDeps,
  { log }: Pick<OpenAiDeps, "log">,
): Promise<void> {
  if (head.body.store === false) return;
  try {
    await keepResponse(`resp_${head.digits}`, [...entries, ...entriesOfItems(ended.output)], stored);
  } catch (error) {
    log.warn("a reply could not be kept for requests that go on from it", { error });
  }
}
