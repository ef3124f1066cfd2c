import type { GatewayConnection } from "@carapace/client";

const requestTimeoutMs = 10_000;

/** What is known of a session that goes on. */
interface Earlier {
  /** The owner's messages, the newest first; none if the session is not there yet. */
  readonly messages: readonly string[];
  /** Why nothing can be added to it. */
  readonly damage?: string;
}

/**
 * Asks the gateway for a session's past. History lives in the gateway's
 * sealed database and nowhere else: a file of typed lines would hold every message in the clear.
 */
export async function earlierOf(connection: GatewayConnection, sessionKey: string): Promise<Earlier> {
  const ask = { sessionKey, limit: 500 };
  const history = await connection.request("chat.history", ask, { timeoutMs: requestTimeoutMs });
  if (!history.ok) return { messages: [] };
  const { messages, damage } = history.value;
  const typed = messages
    .flatMap((message) => (message.role === "user" && message.content !== "" ? [message.content] : []))
    .reverse();
  return { messages: typed, ...(damage === undefined ? {} : { damage }) };
}

/** Tells that a session can only be read, and how to go on. Pure. */
export function damageLine(sessionKey: string, damage: string): string {
  return `Warning: ${sessionKey} does not go on. ${damage} /new starts a fresh session.`;
}

/** One line on the session that goes on. Pure. @param earlier the newest first */
export function resumeLine(sessionKey: string, earlier: readonly string[]): string | undefined {
  const last = earlier[0]?.replace(/\s+/g, " ").trim();
  if (last === undefined) return undefined;
  const shown = last.length > 50 ? `${last.slice(0, 49)}…` : last;
  return `Continuing ${sessionKey}; your last message was "${shown}". /new starts a fresh session.`;
}

/** What to say once when only the built-in assistant answers. Pure. */
export function modelHint(model: string): string | undefined {
  if (!model.startsWith("offline:")) return undefined;
  return (
    "No language model is set up, so the built-in offline assistant answers. To add one: cara setup. Where nothing was " +
    "set up before, it is enough to set ANTHROPIC_API_KEY, OPENAI_API_KEY or OLLAMA_BASE_URL, and to start cara again."
  );
}
