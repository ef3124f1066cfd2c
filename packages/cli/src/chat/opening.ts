import type { GatewayConnection } from "@carapace/client";

/** What a chat says of the gateway and the session before the first prompt. */
export interface Opening {
  /** The model the default agent answers with, if the gateway says so. */
  readonly model: string | undefined;
  /** The owner's earlier messages of the session, the newest first. */
  readonly earlier: readonly string[];
  /** Messages of either side. */
  readonly messageCount: number;
}

const requestTimeoutMs = 10_000;

/** Asks for them; what is refused (an old gateway, a session that is not there yet) is left out. */
export async function readOpening(connection: GatewayConnection, sessionKey: string): Promise<Opening> {
  const limits = { timeoutMs: requestTimeoutMs };
  const [agents, history] = await Promise.all([
    connection.request("agents.list", {}, limits),
    connection.request("chat.history", { sessionKey, limit: 500 }, limits),
  ]);
  const agent = agents.ok ? agents.value.agents.find((one) => one.id === agents.value.defaultId) : undefined;
  const messages = history.ok ? history.value.messages : [];
  const own = messages.filter((message) => message.role === "user" && message.content !== "");
  return {
    model: agent?.model ?? undefined,
    earlier: own.map((message) => message.content).reverse(),
    messageCount: messages.filter((message) => message.role === "user" || message.role === "assistant")
      .length,
  };
}

/** One line on the session that goes on. Pure. */
export function resumeLine(sessionKey: string, opening: Opening): string | undefined {
  if (opening.messageCount === 0) return undefined;
  const last = opening.earlier[0]?.replace(/\s+/g, " ").trim() ?? "";
  const shown = last.length > 50 ? `${last.slice(0, 49)}…` : last;
  const about = shown === "" ? "" : `; your last message: "${shown}"`;
  return `Continuing ${sessionKey} (${opening.messageCount} messages${about}). /new starts a fresh session.`;
}

/** What to say once when only the built-in assistant answers. Pure. */
export function modelHint(model: string | undefined): string | undefined {
  if (model === undefined || !model.startsWith("offline:")) return undefined;
  return (
    "No language model is set up, so the built-in offline assistant answers. To add one, set ANTHROPIC_API_KEY or " +
    "OPENAI_API_KEY in the environment, or run Ollama and set OLLAMA_BASE_URL; then start cara again."
  );
}
