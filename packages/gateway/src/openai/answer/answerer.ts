import { addressPolicy } from "../../media/address-policy.ts";
import { readMedia } from "../../runs/read-media.ts";
import { type Addressee, addresseeOf } from "../addressee.ts";
import { type Attachments, createAttachments } from "../attachments/attachments.ts";
import { guardedFile } from "../attachments/fetch-file.ts";
import type { OpenAiDeps } from "../deps.ts";
import { invalid, refused } from "../errors.ts";
import type { Question, Read } from "../question/types.ts";
import { askAgent, knownAnswer } from "./ask-agent.ts";
import { askModel, type ModelChoice } from "./ask-model.ts";
import { type Entry, entriesOf } from "./blocks.ts";
import { claimKey, type KeyedCall } from "./idempotent.ts";
import type { KeyShares } from "./key-shares.ts";
import { placeOf } from "./sessions.ts";
import type { Answer } from "./types.ts";

/** With what all requests share. */
export interface AnswerDeps extends OpenAiDeps {
  readonly keyShares: KeyShares;
}

/** A question and the request it came with. */
export interface Ask {
  readonly question: Question;
  readonly headers: Headers;
  /** The body as it was sent. */
  readonly bodyText: string;
  readonly signal: AbortSignal;
}

/** A reply on its way, and the conversation that it answers. */
export interface Answered {
  readonly answer: Answer;
  readonly entries: readonly Entry[];
}

/** Finds out who is asked, and asks (http.md §11). What cannot be begun is refused before anything is sent. */
export async function answerQuestion(ask: Ask, deps: AnswerDeps): Promise<Read<Answered>> {
  const { question } = ask;
  const to = addresseeOf(question.model, ask.headers);
  if (!to.ok) return to;
  const hasTools = question.tools.length > 0;
  const isAgent = to.value.kind === "agent";
  if (isAgent && hasTools && isBound(to.value, ask)) return { ok: false, error: invalid(noTools, "tools") };
  const choice = await choose(to.value, deps);
  if (!choice.ok) return choice;
  const fetchFile = deps.fetchFile ?? guardedFile(() => addressPolicy(deps.config));
  const attachments = createAttachments(
    { media: deps.state.media, fetchFile, nowMs: deps.world.nowMs },
    ask.signal,
  );
  return to.value.kind === "agent" && !hasTools
    ? await byAgent(ask, { to: to.value, choice: choice.value, attachments }, deps)
    : await byModel(ask, { isAgent, choice: choice.value, attachments }, deps);
}

const noTools =
  "An agent uses its own tools: send this without tools, or name a model as provider:model (or just carapace) to use " +
  "your own.";

/** Whether the request asks for more of an agent than its model and its prompt. */
function isBound(to: Addressee, { headers }: Ask): boolean {
  return to.kind === "agent" && (to.isNamed || Boolean(headers.get("x-carapace-session-key")?.trim()));
}

async function choose(to: Addressee, { models }: OpenAiDeps): Promise<Read<ModelChoice>> {
  const { kind: _, ...wishes } = to;
  const choice = await models.choose(wishes, undefined);
  if (choice.ok) return choice;
  if (choice.code === "missing_model" && to.kind === "agent") {
    const message = `agent model is not configured: ${choice.say}`;
    return { ok: false, error: { status: 422, type: "invalid_request_error", message, param: "model" } };
  }
  if (choice.code === "invalid_request") {
    const facts = {
      status: 404,
      type: "invalid_request_error",
      code: "model_not_found",
      param: "model",
    } as const;
    return { ok: false, error: { ...facts, message: choice.say } };
  }
  return { ok: false, error: { ...refused(choice), param: "model" } };
}

interface Chosen {
  readonly choice: ModelChoice;
  readonly attachments: Attachments;
}

async function byModel(
  { question }: Ask,
  { isAgent, choice, attachments }: Chosen & { readonly isAgent: boolean },
  deps: OpenAiDeps,
): Promise<Read<Answered>> {
  const { state, world, bill, secrets, log } = deps;
  const entries = await entriesOf(question.turns, attachments);
  if (!entries.ok) return entries;
  const { system } = question;
  const completion = { question, entries: entries.value, choice, system };
  const answer = await askModel(isAgent ? { ...completion, system: joined(choice, system) } : completion, {
    ...{ bill, secrets, nowMs: world.nowMs, newId: world.newId },
    recordUsage: (entry) => state.usage.record(entry),
    readMedia: (id) => readMedia(id, { media: state.media, nowMs: world.nowMs }),
    warn: (message, facts) => log.warn(message, facts),
  });
  return { ok: true, value: { answer, entries: entries.value } };
}

interface AgentChosen extends Chosen {
  readonly to: Extract<Addressee, { kind: "agent" }>;
}

async function byAgent(ask: Ask, chosen: AgentChosen, deps: AnswerDeps): Promise<Read<Answered>> {
  const { headers, bodyText } = ask;
  const { to } = chosen;
  const key = headers.get("idempotency-key")?.trim().slice(0, 1024);
  const sessionKey = headers.get("x-carapace-session-key");
  const asked = JSON.stringify([bodyText, to.agentId ?? null, sessionKey]);
  const claiming = { answers: deps.state.answers, shares: deps.keyShares, nowMs: deps.world.nowMs };
  const keyed = key ? await claimKey(key, asked, claiming) : undefined;
  if (keyed?.ok === false) return keyed;
  let answered: Read<Answered> | undefined;
  try {
    answered = await inTurn(ask, { ...chosen, keyed: keyed?.value }, deps);
    return answered;
  } finally {
    // One that began leaves when it ends.
    if (answered?.ok !== true) keyed?.value.leave();
  }
}

async function inTurn(
  { question, headers }: Ask,
  { to, choice, attachments, keyed }: AgentChosen & { readonly keyed: KeyedCall | undefined },
  deps: OpenAiDeps,
): Promise<Read<Answered>> {
  const { state, world, log } = deps;
  const sessionKey = headers.get("x-carapace-session-key");
  const known = keyed?.known;
  const model = `${choice.agent.model.provider}:${choice.agent.model.model}`;
  if (known !== undefined) return { ok: true, value: { answer: knownAnswer(known), entries: [] } };
  const { agentId } = to;
  const id = keyed?.id ?? world.newId().replaceAll("-", "");
  const place = await placeOf(
    { key: sessionKey, user: question.user, agentId, id, nowMs: world.nowMs() },
    state.sessions,
  );
  if (!place.ok) return place;
  // A request that goes on from this one's reply wants its files, though its conversation be gone.
  const keeper = place.value.isThrowaway ? undefined : place.value.session.id;
  const entries = await entriesOf(question.turns, attachments, keeper);
  if (!entries.ok) return entries;
  const { toolChoice: _, ...reply } = question.sampling.reply ?? {};
  const sampling = { ...question.sampling, ...(question.sampling.reply && { reply }) };
  const wishes = {
    ...(agentId !== undefined && { agentId }),
    ...(to.model !== undefined && { model: to.model }),
    ...(question.system.trim() !== "" && { system: joined(choice, question.system) }),
    ...(Object.keys(sampling).length > 0 && { sampling }),
  };
  const answer = await askAgent(
    {
      question,
      entries: entries.value,
      place: place.value,
      model,
      wishes,
      ...(keyed && { keyed }),
    },
    { ...deps, nowMs: world.nowMs, newId: world.newId, warn: (message, facts) => log.warn(message, facts) },
  );
  return answer.ok ? { ok: true, value: { answer: answer.value, entries: entries.value } } : answer;
}

/** What the client adds to an agent's prompt stands behind it. */
function joined({ agent }: ModelChoice, system: string): string {
  return [agent.system ?? "", system].filter((text) => text.trim() !== "").join("\n\n");
}
