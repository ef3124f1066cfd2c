import type { GatewayEvent, MethodResult } from "@carapace/protocol";
import type { ChatLink } from "./link.ts";
import type { Screen } from "./screen.ts";
import { readRunEvent, type TurnEnd } from "./turn.ts";

/** How one message went: `lost` when the gateway is gone for good. */
export type Outcome = TurnEnd | { readonly kind: "lost"; readonly say: string };

export interface Conversation {
  /** Sends a message and shows the reply until its end. @param signal stops the reply, not the session */
  say(message: string, signal: AbortSignal): Promise<Outcome>;
  /** Leaves this session; the next message begins another. */
  startAnew(): void;
  /** The key as this side knows it; the gateway's own after the first message. */
  sessionKey(): string;
}

export interface ConversationParts {
  readonly link: ChatLink;
  readonly screen: Screen;
  readonly newId: () => string;
  readonly sessionKey: string;
  /** Told for each run. */
  readonly onModel: (model: string) => void;
}

const requestTimeoutMs = 30_000;
const abortGraceMs = 5000;
const reasonGraceMs = 1000;
/** Bytes of a message that still fit a frame (websocket.md §8) with every character escaped once. */
const maxMessageBytes = 240 * 1024;

type Sent = MethodResult<"chat.send">;

export function createConversation(parts: ConversationParts): Conversation {
  let sessionKey = parts.sessionKey;
  return {
    async say(message, signal) {
      if (Buffer.byteLength(message) > maxMessageBytes) {
        return { kind: "failed", say: "the message is longer than 240 KiB: send it in parts" };
      }
      const turn = createTurn(parts, parts.newId());
      const outcome = await turn.run({ message, sessionKey, signal });
      sessionKey = turn.sessionKey() ?? sessionKey;
      return outcome;
    },
    startAnew: () => {
      sessionKey = `cli-chat-${parts.newId()}`;
    },
    sessionKey: () => sessionKey,
  };
}

interface TurnAsk {
  readonly message: string;
  readonly sessionKey: string;
  readonly signal: AbortSignal;
}

/** One message and its reply, carried across a lost connection: its id lets the gateway know it again. */
function createTurn(parts: ConversationParts, runId: string) {
  const ended = Promise.withResolvers<Outcome>();
  let shown = "";
  let canonicalKey: string | undefined;

  const show = (text: string): void => {
    shown += text;
    parts.screen.text(text);
  };
  /** The reply as the gateway kept it, when pieces of it were missed. */
  const showWhole = (whole: string, missedPieces: boolean): void => {
    if (shown === "") show(whole);
    else if (missedPieces && whole.startsWith(shown)) show(whole.slice(shown.length));
    else if (missedPieces && whole !== shown) {
      parts.screen.notice("[the whole reply:]");
      show(whole);
    }
  };
  const listener = (isAgain: boolean) => (event: GatewayEvent) => {
    for (const step of readRunEvent(event, runId)) {
      if (step.kind === "text") show(step.text);
      else if (step.kind === "notice") parts.screen.notice(step.text);
      else if (step.kind === "model") parts.onModel(step.model);
      else if (step.kind === "whole") showWhole(step.text, isAgain);
      else ended.resolve(step.how);
    }
  };

  async function attempt(ask: TurnAsk, isAgain: boolean): Promise<Outcome | "disconnected"> {
    const connection = parts.link.connection();
    const off = connection.onEvent(listener(isAgain));
    const abort = (): void => void stopRun(parts, runId).then((end) => ended.resolve(end));
    ask.signal.addEventListener("abort", abort, { once: true });
    const gone = connection.closed.then(() => "disconnected" as const);
    try {
      const answer = await Promise.race([
        connection.request("chat.send", sendParams(ask, runId), { timeoutMs: requestTimeoutMs }),
        gone,
      ]);
      if (answer === "disconnected") return answer;
      if (!answer.ok) return { kind: "failed", say: answer.say };
      canonicalKey = answer.value.sessionKey;
      const settled = settledBy(answer.value, runId);
      if (settled === undefined) return await Promise.race([ended.promise, gone]);
      if (answer.value.status !== "queued") return settle(settled);
      // Why nobody answers comes as an event; gateways that send none are not waited for.
      const reason = await Promise.race([ended.promise, gone, Bun.sleep(reasonGraceMs)]);
      return reason ?? settle(settled);
    } finally {
      off();
      ask.signal.removeEventListener("abort", abort);
    }
  }

  function settle(settled: { readonly end: TurnEnd; readonly whole?: string }): TurnEnd {
    if (settled.whole !== undefined) showWhole(settled.whole, true);
    return settled.end;
  }

  return {
    sessionKey: () => canonicalKey,
    async run(ask: TurnAsk): Promise<Outcome> {
      let outcome = await attempt(ask, false);
      for (let losses = 1; outcome === "disconnected"; losses++) {
        if (ask.signal.aborted) return { kind: "cancelled" };
        parts.screen.notice("[the connection to the gateway was lost]");
        if (losses > 3)
          return { kind: "lost", say: "the connection to the gateway was lost again and again" };
        const reopened = await parts.link.reopen();
        if (!reopened.ok) return { kind: "lost", say: reopened.say };
        outcome = await attempt(ask, true);
      }
      return outcome;
    },
  };
}

function sendParams(ask: TurnAsk, runId: string) {
  const { message, sessionKey } = ask;
  return { message, sessionKey, idempotencyKey: runId, stream: true, triggerAgent: true };
}

/** What the reply frame alone decides; undefined if events will tell (cli.md §3.6). Pure. */
function settledBy(
  sent: Sent,
  runId: string,
): { readonly end: TurnEnd; readonly whole?: string } | undefined {
  if ("duplicate" in sent) {
    if (sent.status === "completed") return { end: { kind: "done" }, whole: sent.response ?? "" };
    if (sent.status === "cancelled") return { end: { kind: "cancelled" } };
    if (sent.status === "failed") return { end: { kind: "failed", say: sent.error ?? "the turn failed" } };
    return undefined;
  }
  if (sent.status === "queued") {
    return { end: { kind: "failed", say: "no provider is available for this message; see: cara logs" } };
  }
  if (sent.runId === runId) return undefined;
  return { end: { kind: "failed", say: "the gateway answered for another run than the one asked for" } };
}

/** Asks for the end of a run. Its own last event normally comes first; without it the wait is bounded. */
async function stopRun(parts: ConversationParts, runId: string): Promise<Outcome> {
  const connection = parts.link.connection();
  await connection.request("chat.abort", { runId, reason: "user_interrupt" }, { timeoutMs: abortGraceMs });
  await Promise.race([Bun.sleep(abortGraceMs), connection.closed]);
  return { kind: "cancelled" };
}
