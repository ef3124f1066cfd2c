import { json } from "../../http/json.ts";
import type { Visit } from "../../http/route.ts";
import { type AnswerDeps, answerQuestion } from "../answer/answerer.ts";
import { collect } from "../answer/collect.ts";
import { errorAnswer } from "../errors.ts";
import type { Open } from "../open-replies.ts";
import { parseBody } from "../parse-body.ts";
import { chatRequest } from "../schemas/chat-request.ts";
import { sseAnswer } from "../sse.ts";
import { readChat } from "./read.ts";
import { chatCompletion, chatFrames } from "./write.ts";

/** `POST /v1/chat/completions` (http.md §11.1). */
export async function chat(visit: Visit, open: Open, deps: AnswerDeps): Promise<Response> {
  const body = await visit.body();
  if (!body.ok) return body.response;
  const bodyText = body.text();
  const parsed = parseBody(bodyText, chatRequest());
  if (!parsed.ok) return errorAnswer(parsed.error);
  const question = readChat(parsed.value);
  if (!question.ok) return errorAnswer(question.error);
  const { signal } = visit;
  const { headers } = visit.request;
  const begun = await open.begin(signal, () =>
    answerQuestion({ question: question.value, headers, bodyText, signal }, deps),
  );
  if (!begun.ok) return errorAnswer(begun.error);
  const { answer } = begun.value;
  const id = `chatcmpl_${deps.world.newId().replaceAll("-", "")}`;
  const head = { id, created: Math.floor(deps.world.nowMs() / 1000), model: answer.model };
  if (parsed.value.stream === true) {
    const withUsage = parsed.value.stream_options?.include_usage === true;
    return sseAnswer(chatFrames(head, answer, { withUsage }), {
      pingMs: deps.pingMs ?? 15_000,
      onCancel: answer.stop,
    });
  }
  const reply = await collect(answer);
  if (reply === undefined) return new Response(null, { status: 499 });
  return reply.ok ? json(chatCompletion(head, reply.value)) : errorAnswer(reply.error);
}
