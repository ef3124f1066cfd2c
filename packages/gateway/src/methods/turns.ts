import { type DuplicateRun, ok, refuse } from "@carapace/protocol";
import type { Run } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";
import { readRunOptions } from "../runs/options.ts";
import { fittingText } from "../sessions/newest-that-fit.ts";
import type { MethodHandlers } from "../types.ts";
import { inboundOf } from "./inbound.ts";
import type { Services } from "./services.ts";

const chatStatus = { turn: "accepted", note: "sent", refused: "queued" } as const;

/** Starting turns and waiting for them (websocket.md §12.3, §11). */
export function turnHandlers(services: Services): Pick<MethodHandlers, "agent" | "agent.wait" | "chat.send"> {
  const { runs, ingress, channels } = services;
  return {
    async agent({ params, connection }) {
      if (params.route !== undefined && params.model !== undefined) {
        return refuse("invalid_request", "cannot set both `route` and `model` in the same request");
      }
      const accepted = await ingress.submit(inboundOf(params, connection, channels.ids()), "turn");
      if (!accepted.ok) return accepted;
      const { kind, run } = accepted.value;
      if (kind === "duplicate") return ok(duplicate(run));
      const { message, stream: streaming } = params;
      return ok({ runId: run.id, status: "accepted", message, sessionKey: run.sessionKey, streaming });
    },
    async "agent.wait"({ params, signal }) {
      const { kind, run } = await runs.wait(params.runId, params.timeoutMs, signal);
      const outcome = kind === "ended" ? run?.outcome : undefined;
      return ok({
        runId: params.runId,
        status: outcome === undefined ? "timeout" : outcome.status === "completed" ? "ok" : "error",
        startedAt: run?.startedAtMs ?? null,
        endedAt: run?.endedAtMs ?? null,
        ...(outcome === undefined ? {} : told(outcome)),
      });
    },
    async "chat.send"({ params, connection }) {
      const handling = params.triggerAgent ? "chat" : "note";
      const accepted = await ingress.submit(inboundOf(params, connection, channels.ids()), handling);
      if (!accepted.ok) return accepted;
      const { kind, run } = accepted.value;
      if (kind === "duplicate") return ok(duplicate(run));
      const { purpose } = readRunOptions(run.options);
      return ok({
        runId: purpose === "turn" ? run.id : null,
        messageId: run.input.id,
        status: chatStatus[purpose],
        sessionKey: run.sessionKey,
        agentTriggered: params.triggerAgent,
        streaming: params.stream,
      });
    },
  };
}

/** The answer to a key that names a run we know (websocket.md §11): how it is, or came out. */
function duplicate(run: Run): DuplicateRun {
  return {
    runId: run.id,
    status: run.status,
    sessionKey: run.sessionKey,
    duplicate: true,
    streaming: readRunOptions(run.options).stream,
    ...(run.outcome === undefined ? {} : told(run.outcome)),
  };
}

function told(outcome: NonNullable<Run["outcome"]>) {
  const error = outcome.status === "cancelled" ? (outcome.error ?? "cancelled") : outcome.error;
  const response = outcome.response === undefined ? undefined : fittingText(outcome.response);
  return definedOnly({ response, error });
}
