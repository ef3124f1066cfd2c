import type { Close, EventName } from "@carapace/protocol";
import type { Member } from "../../connection/member.ts";
import { sseFrame, ssePing } from "../../http/sse.ts";
import type { ConnectionView } from "../../types.ts";
import { type QueueLimits, TextQueue } from "./queue.ts";

export interface ReaderOptions {
  readonly connId: string;
  readonly version: string;
  /** Absent for a caller on this machine. */
  readonly remoteIp?: string;
  /** Absent: every event. */
  readonly wanted?: ReadonlySet<EventName>;
  readonly limits: QueueLimits;
  readonly nowMs: () => number;
  /** It gets no more, whatever the reason; called once. What it got may still be on its way. */
  readonly onEnd: () => void;
  /** It has everything, or went away; called once. */
  readonly onDone: () => void;
}

/**
 * One reader of `/control/events`: the hub takes it for an operator with every scope, which is what the gateway's
 * credential stands for.
 */
export class Reader implements Member {
  readonly view: ConnectionView;
  readonly presence: Member["presence"];
  lastActiveMs: number;
  readonly #queue: TextQueue;
  readonly #wanted: ReadonlySet<EventName> | undefined;
  readonly #nowMs: () => number;
  readonly #onEnd: () => void;
  #isEnded = false;

  constructor(options: ReaderOptions) {
    const { connId, version, remoteIp, wanted, limits, nowMs, onEnd, onDone } = options;
    const ip = remoteIp === undefined ? {} : { ip: remoteIp };
    const client = { id: "http-events", mode: "backend", version, platform: "http" };
    this.view = {
      ...{ connId, role: "operator", scopes: ["operator.admin"], client },
      ...(remoteIp === undefined ? {} : { remoteIp }),
    };
    this.presence = {
      ...{ host: "HTTP event stream", version, platform: "http", mode: "backend", reason: "connect" },
      ...{ roles: ["operator"], scopes: ["operator.admin"], ...ip },
    };
    this.lastActiveMs = nowMs();
    this.#nowMs = nowMs;
    this.#wanted = wanted;
    this.#onEnd = onEnd;
    this.#queue = new TextQueue(limits, () => {
      this.#leave();
      onDone();
    });
    this.#queue.push("retry: 3000\n\n");
  }

  get stream(): ReadableStream<Uint8Array> {
    return this.#queue.stream;
  }

  deliver(frame: string): boolean {
    const event = eventOf(frame);
    if (this.#wanted !== undefined && !this.#wanted.has(event as EventName)) return true;
    return this.#push(sseFrame(frame, event));
  }

  /** A comment, so that proxies and both ends see that the line is alive. */
  ping(): void {
    if (this.#push(ssePing)) this.lastActiveMs = this.#nowMs();
  }

  close({ reason }: Close): void {
    this.end(reason);
  }

  end(reason: string): void {
    this.#queue.end(lastEvent(reason));
    this.#leave();
  }

  /** The other end is gone. */
  gone(): void {
    this.#queue.forget();
  }

  #push(text: string): boolean {
    if (this.#queue.push(text)) return true;
    this.#queue.end(lastEvent("slow_reader"), { isSlow: true });
    this.#leave();
    return false;
  }

  #leave(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#onEnd();
  }
}

function lastEvent(reason: string): string {
  return sseFrame(JSON.stringify({ reason }), "stream.closed");
}

/** The hub writes a frame once for all its members; its name stands in front. */
function eventOf(frame: string): string {
  return /^\{"type":"event","event":"([\w.-]+)"/.exec(frame)?.[1] ?? "message";
}
