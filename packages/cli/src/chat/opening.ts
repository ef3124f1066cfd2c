import type { GatewayConnection } from "@carapace/client";

/** What a chat knows of its session before the first prompt. */
export interface Opening {
  /** The owner's earlier messages, the newest first. */
  readonly earlier: readonly string[];
  /** Messages of either side. */
  readonly messageCount: number;
}

const requestTimeoutMs = 10_000;

/**
 * Asks for them; a session that is not there yet has none. History lives in the gateway's sealed database and nowhere
 * else: a file of typed lines would hold every message in the clear.
 */
export async function readOpening(connection: GatewayConnection, sessionKey: string): Promise<Opening> {
  const ask = { sessionKey, limit: 500 };
  const history = await connection.request("chat.history", ask, { timeoutMs: requestTimeoutMs });
  const messages = history.ok ? history.value.messages : [];
  // A step that only called tools has no text: nobody remembers it as a message.
  const talk = messages.filter((message) => message.content !== "" && message.role !== "tool");
  return {
    earlier: talk.flatMap((message) => (message.role === "user" ? [message.content] : [])).reverse(),
    messageCount: talk.length,
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
export function modelHint(model: string): string | undefined {
  if (!model.startsWith("offline:")) return undefined;
  return (
    "No language model is set up, so the built-in offline assistant answers. To add one, set ANTHROPIC_API_KEY or " +
    "OPENAI_API_KEY in the environment, or run Ollama and set OLLAMA_BASE_URL; then start cara again."
  );
}
