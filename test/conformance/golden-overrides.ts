import type { Frame } from "./socket.ts";

/**
 * Where a golden trace and the contract differ, the contract wins (websocket.md §15). Each difference stands here, by
 * name, with what is expected instead, or with the reason why it is left out.
 */
export const leftOut: Readonly<Record<string, string>> = {
  control_ui_insecure: "only the older gateway had it (websocket.md §15)",
  slow_consumer: "no frames in the trace; tested at the socket in the gateway's connection tests",
  handshake_timeout: "the same scenario is replayed from handshake.json",
};

/** Error texts that the contract words differently (websocket.md §5, §2, §3.2). */
export const messages: Readonly<Record<string, string>> = {
  invalid_connect_params: "invalid connect params",
  unauthorized_token_missing: "unauthorized: token missing",
  unauthorized_token_mismatch: "unauthorized: token mismatch",
  unauthorized_password_missing: "unauthorized: password missing",
  connect_after_handshake: "connect already completed",
};

/** Changes to what a scenario sends. */
export const sends: Readonly<Record<string, (frame: Frame) => Frame>> = {
  // The trace leaves out the credentials and the scope that its answer shows (websocket.md §16.5).
  connect_node_role: (frame) => ({
    ...frame,
    params: { ...asFrame(frame["params"]), auth: { token: "{{gateway_token}}" }, scopes: ["node.exec"] },
  }),
};

/** Fields of method answers which the contract words differently (websocket.md §15). */
export const answers: Readonly<Record<string, Frame>> = {
  "chat.send": { runId: "msg-123", status: "accepted" },
  agent: { runId: "agent-run-123", status: "accepted" },
  // Nothing runs any more when it is aborted, and the session key comes back as it is stored.
  "chat.abort": { ok: true },
  // The session is made by the `chat.send` example before it; its key is stored as a hash of the hint.
  "chat.history": { thinkingLevel: "off" },
  "config.get": { key: "gateway.port" },
};

/** Methods whose example cannot be replayed, and why. */
export const methodsLeftOut: Readonly<Record<string, string>> = {
  send: "its channel, whatsapp, is not in this version; one that is not set up is refused",
};

/** Events whose golden payload differs from the contract's (websocket.md §15). */
export const eventsLeftOut: Readonly<Record<string, string>> = {
  "node.invoke.request": "the golden has invokeId and args; the contract id, nodeId and paramsJSON",
  "exec.approval.resolved": "the golden has approved/denied; the contract allow-once, allow-always, deny",
};

function asFrame(value: unknown): Frame {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
