import { RunId, SessionKey } from "@carapace/protocol";
import type { AcceptRun, NewMessage } from "../types.ts";

/** A message of the owner's. */
export function ownerSays(
  text: string,
  id: string = crypto.randomUUID(),
  createdAtMs = 1_764_000_000_000,
): NewMessage {
  return { id, role: "user", blocks: [{ type: "text", text, origin: { kind: "owner" } }], createdAtMs };
}

/** A message of the model's. */
export function modelSays(
  text: string,
  id: string = crypto.randomUUID(),
  createdAtMs = 1_764_000_000_000,
): NewMessage {
  return { id, role: "assistant", blocks: [{ type: "text", text, origin: { kind: "model" } }], createdAtMs };
}

/** A run whose input is a text of the owner's. */
export function runOf(runId: string, sessionKey: string, text: string): AcceptRun {
  const nowMs = 1_764_000_000_000;
  return {
    runId: RunId.parse(runId),
    sessionKey: SessionKey.parse(sessionKey),
    metadata: { agentId: "main" },
    input: ownerSays(text, `${runId}-input`, nowMs),
    options: { model: "offline:basic" },
    nowMs,
  };
}
