import type { Reply } from "./wire.ts";

/** How an event stream is written down; the defaults are what the vendors send. */
export interface StreamStyle {
  readonly lineEnd?: "\n" | "\r\n";
  readonly splitAt?: readonly number[];
  readonly ending?: "complete" | "hang" | "destroy";
}

/** One `text/event-stream` reply out of whole events, each a list of its lines. */
export function eventStream(events: readonly (readonly string[])[], style: StreamStyle = {}): Reply {
  const lineEnd = style.lineEnd ?? "\n";
  const body = events.map((lines) => lines.map((line) => line + lineEnd).join("") + lineEnd).join("");
  return {
    kind: "http",
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
    body,
    ...(style.splitAt === undefined ? {} : { splitAt: style.splitAt }),
    ...(style.ending === undefined ? {} : { ending: style.ending }),
  };
}

/** A reply in JSON, as vendors answer outside of a stream. */
export function jsonReply(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { kind: "http", status, headers, body: JSON.stringify(body) };
}
