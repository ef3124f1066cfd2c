import {
  type Close,
  type ConnectParams,
  closeReason,
  closes,
  eventFrame,
  type Inbound,
  type Result,
  readRequest,
  refuse,
  tooDeep,
} from "@carapace/protocol";
import type { Peer } from "../listen/peer.ts";
import type { Log } from "../log/log.ts";
import type { ConnectionView } from "../types.ts";
import { type DispatchDeps, dispatch } from "./dispatch.ts";
import { type HandshakeDeps, type HandshakeOutcome, shakeHands } from "./handshake.ts";
import type { Hub } from "./hub.ts";
import { type ConnectionLimits, fitsBytes } from "./limits.ts";
import type { Member } from "./member.ts";
import { presenceOf } from "./newcomer.ts";
import { Outbound, type Socket } from "./outbound.ts";
import { RateBucket } from "./rate-bucket.ts";
import type { RefusalLog } from "./refusal-log.ts";
import { replyText } from "./reply.ts";

export interface ConnectionDeps {
  readonly limits: ConnectionLimits;
  readonly handshake: HandshakeDeps;
  readonly dispatch: DispatchDeps;
  readonly hub: Hub;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly log: Log;
  readonly refusals: RefusalLog;
  /** Its peer has proved itself. */
  readonly onWelcome: () => void;
}

/** A frame whose sender can be answered. */
type Answerable = Extract<Inbound, { readonly id: string }>;

/** An authenticated connection's own state. */
interface Session {
  readonly view: ConnectionView;
  readonly bucket: RateBucket;
  lastActiveMs: number;
}

/**
 * One WebSocket from upgrade to close (websocket.md §2, §3): challenged, then greeting while its `connect` is decided,
 * then open. Whatever the peer sends, nothing here throws.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #peer: Peer;
  readonly #deps: ConnectionDeps;
  readonly #outbound: Outbound;
  readonly #gone = new AbortController();
  readonly #connId: string;
  readonly #nonce: string;
  #phase: "challenged" | "greeting" | "open" | "closed" = "challenged";
  #deadline: Timer | undefined;
  /** Frames that came while `connect` was being decided. */
  #early: string[] = [];
  #earlyChars = 0;
  #session: Session | undefined;
  #inFlight = 0;

  constructor(socket: Socket, peer: Peer, deps: ConnectionDeps) {
    this.#socket = socket;
    this.#peer = peer;
    this.#deps = deps;
    this.#outbound = new Outbound(socket, deps.limits);
    this.#connId = deps.newId();
    this.#nonce = deps.newId();
  }

  /** Sends the challenge; the client has 10 s to answer it. */
  open(): void {
    const { limits, nowMs } = this.#deps;
    this.#deadline = setTimeout(() => this.close(closes.handshakeTimeout), limits.handshakeTimeoutMs);
    this.#send(JSON.stringify(eventFrame("connect.challenge", { nonce: this.#nonce, ts: nowMs() })));
  }

  /** A text message. */
  receive(text: string): void {
    if (this.#phase === "closed") return;
    const { maxPayloadBytes, maxGreetingBytes } = this.#deps.limits;
    const maxBytes = this.#session === undefined ? maxGreetingBytes : maxPayloadBytes;
    if (!fitsBytes(text, maxBytes)) this.close(closes.payloadTooLarge);
    else if (this.#session !== undefined) this.#request(text, this.#session);
    else if (this.#phase === "greeting") this.#keepForLater(text);
    else {
      clearTimeout(this.#deadline);
      this.#phase = "greeting";
      void this.#greet(text);
    }
  }

  receiveBinary(): void {
    this.close(closes.binary);
  }

  /** The peer pinged: it is there, even if it asks for nothing. */
  touch(): void {
    if (this.#session !== undefined) this.#session.lastActiveMs = this.#deps.nowMs();
  }

  /** Ends the connection; twice is as good as once. */
  close({ code, reason }: Close): void {
    if (this.#phase === "closed") return;
    this.closed();
    this.#socket.close(code, closeReason(reason));
  }

  /** The socket is gone, whoever ended it. */
  closed(): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    clearTimeout(this.#deadline);
    this.#early = [];
    this.#gone.abort();
    this.#deps.hub.leave(this.#connId);
  }

  #keepForLater(text: string): void {
    const { maxEarlyFrames, maxEarlyChars } = this.#deps.limits;
    this.#earlyChars += text.length;
    this.#early.push(text);
    if (this.#early.length > maxEarlyFrames || this.#earlyChars > maxEarlyChars)
      this.close(closes.invalidFrame);
  }

  async #greet(text: string): Promise<void> {
    const greeting = {
      peer: this.#peer,
      connId: this.#connId,
      nonce: this.#nonce,
      signal: this.#gone.signal,
    };
    let outcome: HandshakeOutcome;
    try {
      outcome = await shakeHands(text, greeting, this.#deps.handshake);
    } catch (error) {
      this.#deps.log.error("handshake failed", { error });
      const refusal = refuse("unavailable", "the gateway could not complete the handshake; try again");
      outcome = { kind: "refused", refusal, close: { code: 1011, reason: "handshake failed" } };
    }
    if (this.#isClosed()) return;
    if (outcome.kind === "accepted") this.#welcome(outcome);
    else this.#turnAway(outcome);
  }

  #turnAway({ id, refusal, close }: Extract<HandshakeOutcome, { kind: "refused" }>): void {
    if (id !== undefined && refusal !== undefined) this.#answer(id, refusal);
    // Strangers can make any number of bad handshakes: only those that came as far as a credential are worth a line.
    const isCredential = refusal?.code === "unauthorized" || refusal?.code === "not_paired";
    if (isCredential) this.#deps.refusals.refused(this.#peer.ip, close.reason);
    else this.#deps.log.debug("connection refused", { ip: this.#peer.ip, reason: close.reason });
    this.close(close);
  }

  #welcome({ id, hello, view, params }: Extract<HandshakeOutcome, { kind: "accepted" }>): void {
    const nowMs = this.#deps.nowMs();
    this.#session = { view, bucket: new RateBucket(this.#deps.limits, nowMs), lastActiveMs: nowMs };
    this.#phase = "open";
    this.#deps.onWelcome();
    this.#answer(id, { ok: true, value: hello });
    if (this.#isClosed()) return;
    this.#deps.hub.join(this.#member(this.#session, params));
    const early = this.#early;
    this.#early = [];
    for (const text of early) this.receive(text);
  }

  #member(session: Session, params: ConnectParams): Member {
    return {
      view: session.view,
      presence: presenceOf(session.view, params),
      get lastActiveMs() {
        return session.lastActiveMs;
      },
      deliver: (frame, bytes) => this.#deliver(frame, bytes),
      close: (close) => this.close(close),
    };
  }

  #request(text: string, session: Session): void {
    const { maxJsonDepth } = this.#deps.limits;
    const frame = readRequest(text, maxJsonDepth);
    if (frame.kind === "invalid") this.close(closes.invalidFrame);
    else if (frame.kind === "too_deep") this.close(tooDeep(maxJsonDepth));
    else this.#serve(frame, session);
  }

  #serve(frame: Answerable, session: Session): void {
    session.lastActiveMs = this.#deps.nowMs();
    const toll = session.bucket.take(session.lastActiveMs);
    if (toll === "close") this.close(closes.rateLimited);
    else if (toll === "refuse") this.#answer(frame.id, refuse("rate_limited", "rate limit exceeded"));
    else if (frame.kind === "bad_method")
      this.#answer(frame.id, refuse("invalid_request", "invalid request frame"));
    else if (this.#inFlight >= this.#deps.limits.maxInFlight) {
      this.#answer(frame.id, refuse("unavailable", "too many requests of this connection are still running"));
    } else this.#call(frame, session.view);
  }

  #call({ id, method, params }: Extract<Answerable, { kind: "request" }>, connection: ConnectionView): void {
    const outcome = dispatch({ method, params, connection, signal: this.#gone.signal }, this.#deps.dispatch);
    if (!(outcome instanceof Promise)) {
      this.#answer(id, outcome);
      return;
    }
    this.#inFlight += 1;
    void outcome.then((result) => {
      this.#inFlight -= 1;
      this.#answer(id, result);
    });
  }

  #answer(id: string, result: Result<unknown>): void {
    this.#send(replyText(id, result, this.#deps.limits.maxBufferedBytes));
  }

  #send(text: string): void {
    if (!this.#isClosed() && !this.#outbound.send(text)) this.#lost();
  }

  #deliver(frame: string, bytes: number): boolean {
    if (this.#isClosed() || this.#outbound.send(frame, bytes)) return true;
    this.close(closes.slowConsumer);
    return false;
  }

  /** A reply that finds the queue full; broadcasts are counted where they are sent. */
  #lost(): void {
    this.#deps.hub.countDrop();
    this.close(closes.slowConsumer);
  }

  /** A method, because TypeScript believes a phase it has seen once. */
  #isClosed(): boolean {
    return this.#phase === "closed";
  }
}
