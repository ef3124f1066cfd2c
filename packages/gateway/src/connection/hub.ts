import {
  type Close,
  type EventName,
  type EventPayload,
  mayReceive,
  type PresenceEntry,
  type StateVersion,
  satisfiesScope,
  wireLimits,
} from "@carapace/protocol";
import type { ConnectionView, EventHub } from "../types.ts";
import { type PayloadClass, writeEvent } from "./event-text.ts";
import type { Member } from "./member.ts";
import { type Announcement, createPresence, type PresenceView } from "./presence.ts";
import { createPresenceFeed, type PresenceFeed } from "./presence-feed.ts";

/** The connected clients: sends them events, knows who is there. One per gateway. */
export interface Hub extends EventHub, Disposable {
  /** Registers a connection whose `hello-ok` was sent: all learn of it, and it gets its first `tick`. */
  join(member: Member): void;
  /** Takes a connection out, and tells the others. Twice is as good as once. */
  leave(connId: string): void;
  /** Who is there (websocket.md §10.1). */
  presence(view: PresenceView): PresenceEntry[];
  /** Records what `system-event` says of a client, and tells all operators. */
  announce(key: string, said: Announcement): void;
  /** Closes the connections a test picks (a revoked device's, say). @returns how many. */
  closeWhere(picks: (view: ConnectionView) => boolean, close: Close): number;
  stateVersion(): StateVersion;
  /** For `health` and its `ws` part (websocket.md §12.1). */
  counters(): HubCounters;
  /** A reply was lost with its connection: the peer did not read. */
  countDrop(): void;
}

interface HubCounters {
  readonly connectionCount: number;
  /** Events cut or replaced for their size, and connections lost for not reading, since the start. */
  readonly broadcastDropTotal: number;
}

export interface HubOptions {
  readonly nowMs: () => number;
}

/** What a broadcast is about; the audience of `state.drop` is that of the event it replaces. */
interface Broadcast {
  readonly event: EventName;
  readonly payload: unknown;
  readonly payloadClass: PayloadClass;
}

export function createHub(options: HubOptions): Hub {
  return new LiveHub(options);
}

class LiveHub implements Hub {
  readonly #nowMs: () => number;
  readonly #members = new Map<string, Member>();
  readonly #roster = createPresence();
  readonly #feed: PresenceFeed;
  readonly #version = { presence: 0, health: 0 };
  #seq = 0;
  #drops = 0;
  #ticking: Timer | undefined;

  constructor({ nowMs }: HubOptions) {
    this.#nowMs = nowMs;
    this.#feed = createPresenceFeed({
      tell: () => this.#tellPresence(this.#audience("presence")),
      quietMs: () => 50 + this.#members.size,
    });
  }

  publish<E extends EventName>(event: E, payload: EventPayload<E>): void {
    if (event === "presence") return void this.#feed.changed();
    if (event === "health") this.#version.health += 1;
    this.#seq += 1;
    this.#send({ event, payload, payloadClass: "broadcast" }, this.#audience(event));
  }

  join(member: Member): void {
    this.#members.set(member.view.connId, member);
    this.#ticking ??= this.#startTicking();
    const wereAllTold = this.#feed.changed();
    if (!wereAllTold && mayReceive("presence", member.view)) this.#tellPresence([member]);
    this.#tick([member]);
  }

  leave(connId: string): void {
    if (!this.#members.delete(connId)) return;
    if (this.#members.size === 0) {
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    }
    this.#feed.changed();
  }

  presence(view: PresenceView): PresenceEntry[] {
    return this.#roster.list(this.#members.values(), view, this.#nowMs());
  }

  announce(key: string, said: Announcement): void {
    this.#roster.announce(key, said, this.#nowMs());
    this.#feed.changed();
  }

  closeWhere(picks: (view: ConnectionView) => boolean, close: Close): number {
    const picked = [...this.#members.values()].filter(({ view }) => picks(view));
    for (const member of picked) member.close(close);
    return picked.length;
  }

  stateVersion(): StateVersion {
    return { ...this.#version };
  }

  counters(): HubCounters {
    return { connectionCount: this.#members.size, broadcastDropTotal: this.#drops };
  }

  countDrop(): void {
    this.#drops += 1;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#ticking);
    this.#feed[Symbol.dispose]();
    this.#members.clear();
  }

  #audience(event: EventName): Member[] {
    return [...this.#members.values()].filter(({ view }) => mayReceive(event, view));
  }

  #send(broadcast: Broadcast, receivers: readonly Member[]): void {
    if (receivers.length === 0) return;
    const position = { seq: this.#seq, stateVersion: this.stateVersion() };
    const { frame, isCut } = writeEvent({ ...broadcast, position, nowMs: this.#nowMs() });
    if (isCut) this.#drops += 1;
    if (frame === undefined) return;
    for (const member of receivers) if (!member.deliver(frame.text, frame.bytes)) this.#drops += 1;
  }

  /** One event in two versions: what only admins may know is in theirs alone. */
  #tellPresence(receivers: readonly Member[]): void {
    this.#version.presence += 1;
    this.#seq += 1;
    const admins = receivers.filter(isAdmin);
    const operators = receivers.filter((member) => !isAdmin(member));
    for (const [payloadClass, those] of [
      ["admin", admins],
      ["operator", operators],
    ] as const) {
      if (those.length === 0) continue;
      this.#send(
        { event: "presence", payload: { presence: this.presence(payloadClass) }, payloadClass },
        those,
      );
    }
  }

  #tick(receivers: readonly Member[]): void {
    this.#seq += 1;
    this.#send({ event: "tick", payload: { ts: this.#nowMs() }, payloadClass: "broadcast" }, receivers);
  }

  #startTicking(): Timer {
    const timer = setInterval(() => this.#tick([...this.#members.values()]), wireLimits.tickIntervalMs);
    timer.unref();
    return timer;
  }
}

function isAdmin({ view }: Member): boolean {
  return satisfiesScope(view.scopes, "operator.admin");
}
