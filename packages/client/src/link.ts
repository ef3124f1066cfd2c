import {
  ConnectChallenge,
  type EventFrame,
  type Refusal,
  type Result,
  readServerFrame,
  refuse,
} from "@carapace/protocol";
import { type Calls, createCalls } from "./calls.ts";
import { createEvents, type Events } from "./events.ts";
import { lostConnection } from "./refusals.ts";
import type { Wait } from "./wait.ts";

/** Far above what a gateway sends; a larger frame is an attack on our memory. */
const maxFrameChars = 16 * 1024 * 1024;
/** For the peer's half of a close. */
const closeGraceMs = 1000;

interface Close {
  readonly code: number;
  readonly reason: string;
}

/** One socket with its traffic sorted: answers to their calls, events to their listeners. */
export interface Link {
  /** The gateway's first word. Never settles if there is none. */
  readonly challenge: Promise<ConnectChallenge>;
  /** Settles once the socket is open, with nothing, or will never be, with the runtime's word for why (may be ""). */
  readonly opened: Promise<string | undefined>;
  readonly closed: Promise<Close>;
  readonly events: Events;
  call(method: string, params: unknown, wait: Wait): Promise<Result<unknown>>;
  /** Bytes of the largest request that may be sent. */
  limitRequests(maxBytes: number): void;
  close(): Promise<void>;
}

export function createLink(socket: WebSocket): Link {
  const opened = Promise.withResolvers<string | undefined>();
  const closed = Promise.withResolvers<Close>();
  const challenge = Promise.withResolvers<ConnectChallenge>();
  const events = createEvents();
  let maxBytes = Number.POSITIVE_INFINITY;
  const calls = createCalls((text) => sendText(socket, text, maxBytes));
  const end = (close: Close): void => {
    opened.resolve("");
    // First: who is refused a call because of this must find it closed.
    closed.resolve(close);
    calls.end(lostConnection(close));
  };
  socket.addEventListener("open", () => opened.resolve(undefined));
  socket.addEventListener("close", ({ code, reason }) => end({ code, reason }));
  socket.addEventListener("error", (event) =>
    opened.resolve("message" in event ? String(event.message) : ""),
  );
  socket.addEventListener("message", ({ data }) => {
    if (typeof data !== "string") return;
    if (data.length > maxFrameChars) socket.close(4009, "frame too large");
    else sort(data, { calls, events, challenge: challenge.resolve });
  });
  return {
    challenge: challenge.promise,
    opened: opened.promise,
    closed: closed.promise,
    events,
    call: calls.start,
    limitRequests(bytes) {
      maxBytes = bytes;
    },
    async close() {
      socket.close(1000);
      const timer = setTimeout(() => end({ code: 1006, reason: "" }), closeGraceMs);
      await closed.promise.finally(() => clearTimeout(timer));
    },
  };
}

interface Traffic {
  readonly calls: Calls;
  readonly events: Events;
  challenge(challenge: ConnectChallenge): void;
}

function sort(text: string, to: Traffic): void {
  const frame = readServerFrame(text);
  if (frame === undefined) return;
  if (frame.type === "res") to.calls.settle(frame);
  else if (frame.event === "connect.challenge") readChallenge(frame, to.challenge);
  else to.events.deliver(frame);
}

function readChallenge(frame: EventFrame, settle: (challenge: ConnectChallenge) => void): void {
  const challenge = ConnectChallenge.safeParse(frame.payload);
  if (challenge.success) settle(challenge.data);
}

function sendText(socket: WebSocket, text: string, maxBytes: number): Refusal | undefined {
  if (text.length > maxBytes || new TextEncoder().encode(text).length > maxBytes)
    return refuse(
      "invalid_request",
      `The request is larger than the ${maxBytes} bytes the gateway takes. Send it in parts.`,
    );
  // Else its end is near, which refuses this call with all others.
  if (socket.readyState === WebSocket.OPEN) socket.send(text);
  return undefined;
}
