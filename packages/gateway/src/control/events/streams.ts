import { type EventName, isEventName, version } from "@carapace/protocol";
import type { Hub } from "../../connection/hub.ts";
import type { Visit } from "../../http/route.ts";
import { refused } from "../answers.ts";
import type { QueueLimits } from "./queue.ts";
import { Reader } from "./reader.ts";

export interface EventStreamDeps {
  readonly hub: Pick<Hub, "join" | "leave">;
  readonly nowMs: () => number;
  /** UUID v4. */
  readonly newId: () => string;
  readonly limits: QueueLimits;
  /** Streams at once; 32 unless told. */
  readonly maxStreams?: number;
  /** Between two comments; 15 000 unless told. */
  readonly pingMs?: number;
}

/** The readers of `GET /control/events`. */
export interface EventStreams extends Disposable {
  /** Answers a request with a stream that lasts until its reader goes, falls behind, or the gateway stops. */
  open(visit: Pick<Visit, "request" | "peer" | "url">): Response;
  /** Ends all streams with a last event `stream.closed`; later ones are refused. */
  end(reason: string): void;
}

/** Sends every event that goes to WebSocket operators as server-sent events too (http.md §5 *Better*). */
export function createEventStreams(deps: EventStreamDeps): EventStreams {
  const { hub, nowMs, newId, limits, maxStreams = 32, pingMs = 15_000 } = deps;
  const readers = new Set<Reader>();
  let pinging: Timer | undefined;
  let isOver = false;

  // Later: the hub may be telling its members right now.
  const leave = (connId: string) => queueMicrotask(() => hub.leave(connId));
  // Until then it takes up its place: what it has not read yet is kept.
  const done = (reader: Reader) => {
    if (readers.delete(reader) && readers.size === 0) clearInterval(pinging);
  };
  const join = (reader: Reader) => {
    if (readers.size === 0) {
      pinging = setInterval(() => {
        for (const one of readers) one.ping();
      }, pingMs);
      pinging.unref();
    }
    readers.add(reader);
    hub.join(reader);
  };
  const end = (reason: string) => {
    isOver = true;
    clearInterval(pinging);
    for (const reader of readers) reader.end(reason);
  };

  return {
    open({ request, peer, url }) {
      const wanted = wantedEvents(url);
      if (!wanted.ok) return refused(400, wanted.say);
      if (isOver) return refused(503, "the gateway is stopping");
      if (readers.size >= maxStreams) return refused(503, `${maxStreams} event streams are open already`);
      if (request.method === "HEAD") return new Response(null, { headers });
      const connId = newId();
      const reader: Reader = new Reader({
        ...{ connId, version, limits, nowMs, onEnd: () => leave(connId), onDone: () => done(reader) },
        ...(peer.isLocalDirect ? {} : { remoteIp: peer.ip }),
        ...(wanted.events === undefined ? {} : { wanted: wanted.events }),
      });
      request.signal.addEventListener("abort", () => reader.gone(), { once: true });
      join(reader);
      return new Response(reader.stream, { headers });
    },
    end,
    [Symbol.dispose]: () => end("gateway stopping"),
  };
}

/** A proxy that gathers what it passes on would hold events back. */
const headers = { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" };

type Wanted =
  | { readonly ok: true; readonly events?: ReadonlySet<EventName> }
  | { readonly ok: false; readonly say: string };

/** `?events=chat,health` */
function wantedEvents(url: URL): Wanted {
  const asked = url.searchParams.get("events");
  if (asked === null) return { ok: true };
  const names = asked.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !isEventName(name));
  if (unknown !== undefined) return { ok: false, say: `there is no event "${unknown.slice(0, 64)}"` };
  return { ok: true, events: new Set(names.filter(isEventName)) };
}
