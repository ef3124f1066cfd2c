import { type GatewayEvent, unreachable } from "@carapace/protocol";

/** What a run's event means to the one who reads along. */
export type TurnStep =
  | { readonly kind: "text"; readonly text: string }
  /** Which model answers. */
  | { readonly kind: "model"; readonly model: string }
  /** A line that is not part of the reply. */
  | { readonly kind: "notice"; readonly text: string }
  /** The reply as a whole, as the gateway kept it. */
  | { readonly kind: "whole"; readonly text: string }
  | { readonly kind: "ended"; readonly how: TurnEnd };

export type TurnEnd =
  | { readonly kind: "done" }
  | { readonly kind: "cancelled" }
  | { readonly kind: "failed"; readonly say: string };

type RunEvent = Extract<GatewayEvent, { event: "agent" | "chat" }>;
type AgentPayload = Extract<GatewayEvent, { event: "agent" }>["payload"];
type ChatPayload = Extract<GatewayEvent, { event: "chat" }>["payload"];

/** Reads one event of a run (websocket.md §10.3, cli.md §3.6). Pure: other runs' events give nothing. */
export function readRunEvent(event: GatewayEvent, runId: string): readonly TurnStep[] {
  if (!isRunEvent(event) || event.payload.runId !== runId) return [];
  return event.event === "agent" ? readAgentEvent(event.payload) : readChatEvent(event.payload);
}

function isRunEvent(event: GatewayEvent): event is RunEvent {
  return event.event === "agent" || event.event === "chat";
}

function readAgentEvent(payload: AgentPayload): readonly TurnStep[] {
  if ("truncated" in payload) return [notice(`[a ${payload.stream} event was too large to show]`)];
  switch (payload.stream) {
    case "text":
      return [{ kind: "text", text: payload.data.delta }];
    case "tool_use":
      return [notice(`[tool: ${payload.data.name}]`)];
    case "tool_result":
      return [notice(`[tool: ${payload.data.name} → ${payload.data.isError ? "failed" : "done"}]`)];
    case "tool_use_cancelled":
      return [notice(`[tool: ${payload.data.name} → not run${reasonOf(payload.data.reason)}]`)];
    case "error":
      return [ended({ kind: "failed", say: payload.data.message })];
    case "cancelled":
      return [ended({ kind: "cancelled" })];
    case "started":
      return [{ kind: "model", model: payload.data.model }];
    case "failover":
      return [notice(`[${payload.data.model} answers instead: ${payload.data.reason}]`)];
    // It is followed by the `final` chat event, which holds the whole reply.
    case "complete":
      return [];
    default:
      return unreachable(payload);
  }
}

function readChatEvent(payload: ChatPayload): readonly TurnStep[] {
  switch (payload.state) {
    // The `text` stream of the agent event says the same.
    case "delta":
      return [];
    case "final":
      return [{ kind: "whole", text: payload.message.content }, ended({ kind: "done" })];
    case "error":
      return [ended({ kind: "failed", say: payload.errorMessage })];
    case "aborted":
      return [ended({ kind: "cancelled" })];
    default:
      return unreachable(payload);
  }
}

function notice(text: string): TurnStep {
  return { kind: "notice", text };
}

function ended(how: TurnEnd): TurnStep {
  return { kind: "ended", how };
}

function reasonOf(reason: string | undefined): string {
  return reason === undefined || reason === "" ? "" : `: ${reason}`;
}
