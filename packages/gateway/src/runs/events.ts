import type { TurnEvent } from "@carapace/agent";
import { type AgentEvent, type ChatEvent, type TokenUsage, unreachable } from "@carapace/protocol";
import type { Run, RunOutcome } from "@carapace/state";
import type { RunListener } from "./feed.ts";
import { redactToolEvent } from "./redact-tool-event.ts";
import type { RunEvents, RunOptions } from "./types.ts";

export interface RunEventsDeps {
  readonly publish: RunListener;
  readonly nowMs: () => number;
  /** The Content-Security-Policy that a page must show replies under (`outputSanitizer.cspPolicy`). */
  readonly csp: () => string;
  /** What no event may tell of a tool's input and result. */
  readonly secrets: () => readonly string[];
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type AgentStep = Without<AgentEvent, "runId" | "seq" | "ts">;
type ChatStep = Without<ChatEvent, "runId" | "sessionKey" | "seq">;

/** What one step of a run looks like on each of the two channels. */
interface Steps {
  readonly agent?: AgentStep;
  readonly chat?: ChatStep;
}

/** Tells what a run does to every connection that may see it (websocket.md §10.3); exactly one ending per channel. */
export function createRunEvents(
  run: Pick<Run, "id" | "sessionKey">,
  options: Pick<RunOptions, "stream">,
  deps: RunEventsDeps,
): RunEvents {
  let seq = 0;
  let hasEnded = false;

  function tell({ agent, chat }: Steps): void {
    if (agent !== undefined) {
      const payload = { runId: run.id, seq: seq++, ts: deps.nowMs(), ...agent };
      deps.publish({ event: "agent", payload });
    }
    if (chat !== undefined) {
      const payload = { runId: run.id, sessionKey: run.sessionKey, seq: seq++, ...chat };
      deps.publish({ event: "chat", payload });
    }
  }

  function end(outcome: RunOutcome): void {
    if (hasEnded) return;
    hasEnded = true;
    tell(ending(outcome, deps.csp()));
  }

  return {
    input: (text) => tell({ chat: { state: "delta", message: { role: "user", content: text } } }),
    turn(event) {
      if (hasEnded) return;
      const outcome = outcomeOf(event);
      if (outcome !== undefined) end(outcome);
      else if (event.kind !== "text" || options.stream)
        tell(progress(event, { sessionKey: run.sessionKey, secrets: deps.secrets }));
    },
    end,
  };
}

interface Telling {
  readonly sessionKey: string;
  readonly secrets: RunEventsDeps["secrets"];
}

function progress(event: TurnEvent, { sessionKey, secrets }: Telling): Steps {
  switch (event.kind) {
    case "started":
      return { agent: { stream: "started", data: { sessionKey, model: event.model } } };
    case "switched": {
      const { from, model, why: reason } = event;
      return { agent: { stream: "failover", data: { from, model, reason } } };
    }
    case "text":
      return {
        agent: { stream: "text", data: { delta: event.delta } },
        chat: { state: "delta", message: { role: "assistant", content: event.delta } },
      };
    case "tool_use": {
      const { id: toolUseId, name, input } = redactToolEvent(event, secrets());
      return { agent: { stream: "tool_use", data: { toolUseId, name, input } } };
    }
    case "tool_use_cancelled": {
      const { id: toolUseId, name, reason } = redactToolEvent(event, secrets());
      return { agent: { stream: "tool_use_cancelled", data: { toolUseId, name, reason } } };
    }
    case "tool_result": {
      const { id: toolUseId, name, result, isError } = redactToolEvent(event, secrets());
      return { agent: { stream: "tool_result", data: { toolUseId, name, result, isError } } };
    }
    case "completed":
    case "failed":
    case "cancelled":
      return {};
    default:
      return unreachable(event);
  }
}

function outcomeOf(event: TurnEvent): RunOutcome | undefined {
  switch (event.kind) {
    case "completed":
      return { status: "completed", response: event.text, stopReason: event.stopReason, usage: event.usage };
    case "failed":
      return { status: "failed", error: event.say };
    case "cancelled":
      return { status: "cancelled" };
    default:
      return undefined;
  }
}

function ending(outcome: RunOutcome, csp: string): Steps {
  switch (outcome.status) {
    case "completed": {
      const usage = wireUsage(outcome.usage);
      const stopReason = outcome.stopReason ?? "end_turn";
      const contentPolicy = { csp };
      const message = { role: "assistant", content: outcome.response ?? "", contentPolicy };
      return {
        agent: { stream: "complete", data: { stopReason, usage, contentPolicy } },
        chat: { state: "final", message, usage, stopReason },
      };
    }
    case "failed": {
      const message = outcome.error ?? "The turn failed; the gateway's log says why.";
      return {
        agent: { stream: "error", data: { message } },
        chat: { state: "error", errorMessage: message },
      };
    }
    case "cancelled":
      return { agent: { stream: "cancelled", data: {} }, chat: { state: "aborted" } };
    default:
      return unreachable(outcome.status);
  }
}

function wireUsage(usage: TokenUsage | undefined) {
  return { inputTokens: usage?.inputTokens ?? 0, outputTokens: usage?.outputTokens ?? 0 };
}
