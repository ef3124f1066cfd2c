import type { AgentSettings, ModelRequest, Provider, Reply } from "@carapace/agent";
import { assemble, callModel } from "@carapace/agent/turn";
import { createRedactor } from "@carapace/config/redaction";
import { type Block, SessionKey, type TokenUsage } from "@carapace/protocol";
import type { UsageEntry } from "@carapace/state";
import { redactToolInput } from "../../runs/redact-tool-event.ts";
import type { ApiError } from "../errors.ts";
import type { Question } from "../question/types.ts";
import type { Entry } from "./blocks.ts";
import { createEventQueue } from "./event-queue.ts";
import type { Answer, ReplyEnd } from "./types.ts";

/** A model and who asks it, as the desk chose them. */
export interface ModelChoice {
  readonly agent: AgentSettings;
  readonly provider: Provider;
}

export interface AskModelDeps {
  /** Priced; undefined if usage is not recorded. */
  readonly bill: (entry: UsageEntry) => UsageEntry | undefined;
  readonly recordUsage: (entry: UsageEntry) => Promise<void>;
  readonly secrets: () => readonly string[];
  /** The bytes of a stored file. */
  readonly readMedia: (id: string) => Promise<Uint8Array | undefined>;
  readonly nowMs: () => number;
  readonly newId: () => string;
  /** Hears of what goes wrong behind an answer that is given already. */
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
}

/** One completion, to be made now. */
export interface Completion {
  readonly question: Question;
  readonly entries: readonly Entry[];
  readonly choice: ModelChoice;
  /** The system prompt: the client's, after the agent's where one was asked. */
  readonly system: string;
}

/** Asks a model for one reply, without an agent's prompt, tools and memory (http.md §11). Its usage is billed and recorded. */
export async function askModel(completion: Completion, deps: AskModelDeps): Promise<Answer> {
  const { choice, question } = completion;
  const request = await requestOf(completion, deps);
  const queue = createEventQueue();
  const left = new AbortController();
  const clean = createRedactor(deps.secrets());
  void callModel(
    { provider: choice.provider, request, signal: left.signal },
    {
      secrets: deps.secrets(),
      usedIds: new Set(),
      newId: deps.newId,
      onText: (delta) => queue.push({ kind: "text", delta }),
      onCall: ({ id, name, input, invalid }) => {
        const text = invalid === undefined ? JSON.stringify(redactToolInput(input, clean)) : clean(invalid);
        queue.push({ kind: "call", id, name, input: text });
      },
    },
  )
    .then(async (reply) => {
      await bill(reply, { choice, question }, deps);
      const end = endOf(reply);
      if (end === undefined) queue.close();
      else queue.push(end);
    })
    .catch((error: unknown) => {
      deps.warn("a completion could not be ended", { error });
      queue.push({ kind: "failed", error: apiError("The completion failed inside the gateway.") });
    });
  return {
    model: modelName(choice.agent.model),
    events: queue,
    stop() {
      left.abort();
      queue.close();
    },
  };
}

async function requestOf(
  { question, entries, choice, system }: Completion,
  { readMedia, newId, nowMs }: AskModelDeps,
): Promise<ModelRequest> {
  const { tools, sampling } = question;
  const messages = entries.map((entry, index) => {
    return { ...entry, id: String(index), seq: index + 1, sessionId: "", createdAtMs: nowMs() };
  });
  // Nothing here is run for the model: what stands in a page that the client sends it is told as the client sent it.
  const owned = messages.map((message) => ({ ...message, blocks: message.blocks.map(asOwn) }));
  const context = assemble(
    { messages: owned, inputSeq: owned.length },
    { nonce: newId(), hasTools: tools.length > 0 },
  );
  const media = new Map<string, Uint8Array>();
  for (const block of context.messages.flatMap(({ blocks }) => blocks)) {
    const bytes = block.type === "media" ? await readMedia(block.mediaId) : undefined;
    if (block.type === "media" && bytes !== undefined) media.set(block.mediaId, bytes);
  }
  const temperature = sampling.temperature ?? choice.agent.temperature;
  return {
    model: choice.agent.model.model,
    messages: context.messages,
    tools,
    maxTokens: sampling.maxTokens ?? choice.agent.maxTokens,
    ...(system.trim() === "" ? {} : { system }),
    ...(media.size === 0 ? {} : { media }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(sampling.reply === undefined ? {} : { reply: sampling.reply }),
  };
}

function asOwn(block: Block): Block {
  return block.type === "text" ? { ...block, origin: { kind: "owner" } } : withTrustedResult(block);
}

function withTrustedResult(block: Block): Block {
  return block.type === "tool_result" ? { ...block, origin: { kind: "tool" } } : block;
}

async function bill(
  { end, by }: Reply,
  { choice, question }: Pick<Completion, "choice" | "question">,
  deps: AskModelDeps,
): Promise<void> {
  const usage = end.kind === "aborted" ? undefined : end.usage;
  if (usage === undefined) return;
  const entry = deps.bill({
    provider: by?.provider ?? choice.provider.id,
    model: modelName(by?.model ?? choice.agent.model),
    sessionKey: SessionKey.parse(
      question.user ? `openai-user:${question.user}`.slice(0, 255).toWellFormed() : "openai",
    ),
    agentId: choice.agent.agentId,
    usage,
    costUsd: 0,
    atMs: deps.nowMs(),
  });
  if (entry === undefined) return;
  await deps
    .recordUsage(entry)
    .catch((error: unknown) => deps.warn("usage could not be recorded", { error }));
}

const noUsage: TokenUsage = { inputTokens: 0, outputTokens: 0 };

/** @returns undefined if nobody wants it any more */
function endOf({ end, calls }: Reply): ReplyEnd | undefined {
  if (end.kind === "aborted") return undefined;
  if (end.kind === "failed") {
    return { kind: "failed", error: apiError(end.failure.say, end.failure.code) };
  }
  const finish = end.reason === "max_tokens" ? "length" : calls.length > 0 ? "tool_calls" : "stop";
  return { kind: "stop", finish, usage: end.usage ?? noUsage };
}

function apiError(message: string, code?: string): ApiError {
  return { status: 500, type: "api_error", message, ...(code === undefined ? {} : { code }) };
}

function modelName({ provider, model }: AgentSettings["model"]): string {
  return `${provider}:${model}`;
}
