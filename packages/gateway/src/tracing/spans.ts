import { createHash, randomBytes } from "node:crypto";
import type { RunNews } from "../runs/feed.ts";

/** A piece of a turn, with its times in Unix ms. What was said is never in it. */
export interface Span {
  /** 16 bytes, hex. */
  readonly traceId: string;
  /** 8 bytes, hex. */
  readonly spanId: string;
  readonly parentId?: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly isError: boolean;
}

/** A span that has not ended. */
type OpenSpan = Pick<Span, "spanId" | "name" | "startMs" | "attributes">;

interface OpenTurn {
  readonly runId: string;
  readonly traceId: string;
  readonly root: OpenSpan;
  /** As `provider:model`. */
  model: string;
  /** The call of the model that goes on, and when it last said something that ends it. */
  call?: OpenSpan | undefined;
  callEndMs?: number | undefined;
  readonly tools: Map<string, OpenSpan>;
}

/** How many turns are followed at once; of further ones nothing is told. */
const maxTurns = 200;

export interface SpanOptions {
  readonly nowMs: () => number;
  /** From 0 to 1; decided by a run's id, so that all parts of one turn are kept or none. */
  readonly sampleRatio: () => number;
  /** Contract: must not throw. */
  readonly onSpan: (span: Span) => void;
}

interface Ending {
  readonly attributes?: Span["attributes"];
  readonly isError?: boolean;
  /** Now, if absent. */
  readonly endMs?: number | undefined;
}

/**
 * Makes spans of what turns tell: one for the turn, below it one for each call of the model and of a tool, named as
 * OpenTelemetry's conventions for generative AI have it.
 */
export function createSpans({ nowMs, sampleRatio, onSpan }: SpanOptions): (news: RunNews) => void {
  const turns = new Map<string, OpenTurn>();

  function open(name: string, attributes: Span["attributes"]): OpenSpan {
    return { spanId: randomBytes(8).toString("hex"), name, startMs: nowMs(), attributes };
  }

  function end({ traceId, root }: OpenTurn, span: OpenSpan, ending: Ending = {}): void {
    const attributes = { ...span.attributes, ...ending.attributes };
    const parent = span === root ? {} : { parentId: root.spanId };
    const endMs = ending.endMs ?? nowMs();
    onSpan({ traceId, ...span, ...parent, endMs, attributes, isError: ending.isError ?? false });
  }

  function begin(runId: string, sessionKey: string, model: string): void {
    if (turns.size >= maxTurns || shareOf(runId) >= sampleRatio()) return;
    const root = open("invoke_agent carapace", {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.conversation.id": sessionKey,
      "carapace.run_id": runId,
    });
    const turn: OpenTurn = { runId, traceId: digest(runId).slice(0, 32), root, model, tools: new Map() };
    turns.set(runId, turn);
    askModel(turn, model);
  }

  function askModel(turn: OpenTurn, model: string): void {
    turn.model = model;
    turn.call = open(`chat ${nameOf(model)}`, modelAttributes(model));
    turn.callEndMs = undefined;
  }

  function endCall(turn: OpenTurn, ending: Ending = {}): void {
    if (turn.call !== undefined) end(turn, turn.call, { endMs: turn.callEndMs, ...ending });
    turn.call = undefined;
  }

  function toolAnswered(turn: OpenTurn, toolUseId: string, isError: boolean): void {
    endCall(turn);
    const tool = turn.tools.get(toolUseId);
    turn.tools.delete(toolUseId);
    if (tool !== undefined) end(turn, tool, { isError });
    if (turn.tools.size === 0) askModel(turn, turn.model);
  }

  function finish(turn: OpenTurn, outcome: "ok" | "error" | "cancelled", usage = {}): void {
    const isError = outcome === "error";
    endCall(turn, { isError });
    for (const tool of turn.tools.values()) end(turn, tool, { isError: true });
    turns.delete(turn.runId);
    end(turn, turn.root, { attributes: { ...usage, "carapace.outcome": outcome }, isError });
  }

  return ({ event, payload }) => {
    if (event !== "agent") return;
    const { runId } = payload;
    const turn = turns.get(runId);
    if (payload.stream === "started") begin(runId, payload.data.sessionKey, payload.data.model);
    else if (turn === undefined) return;
    else if (payload.stream === "failover") {
      endCall(turn, { isError: true });
      askModel(turn, payload.data.model);
    } else if (payload.stream === "tool_use") {
      turn.callEndMs = nowMs();
      const { toolUseId, name } = payload.data;
      const attributes = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name };
      turn.tools.set(toolUseId, open(`execute_tool ${name}`, attributes));
    } else if (payload.stream === "tool_use_cancelled") turn.tools.delete(payload.data.toolUseId);
    else if (payload.stream === "tool_result")
      toolAnswered(turn, payload.data.toolUseId, payload.data.isError);
    else if (payload.stream === "complete") finish(turn, "ok", usageAttributes(payload.data.usage));
    else if (payload.stream === "error") finish(turn, "error");
    else if (payload.stream === "cancelled") finish(turn, "cancelled");
  };
}

function modelAttributes(model: string): Span["attributes"] {
  return {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": model.split(":")[0] ?? "",
    "gen_ai.request.model": nameOf(model),
  };
}

function usageAttributes(usage: { readonly inputTokens: number; readonly outputTokens: number }) {
  return {
    "gen_ai.usage.input_tokens": usage.inputTokens,
    "gen_ai.usage.output_tokens": usage.outputTokens,
  };
}

function nameOf(model: string): string {
  return model.slice(model.indexOf(":") + 1);
}

/** From 0 to below 1, always the same for one run. */
function shareOf(runId: string): number {
  return Number.parseInt(digest(runId).slice(-8), 16) / 2 ** 32;
}

function digest(runId: string): string {
  return createHash("sha256").update(runId).digest("hex");
}
