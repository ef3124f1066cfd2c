import { controlBodies } from "@carapace/protocol";
import type { Route } from "../../http/route.ts";
import type { EventStreams } from "./streams.ts";

/** GET `/control/events` (http.md §5 *Better*). */
export function eventsRoute(streams: EventStreams): Route {
  return {
    ...{ method: "GET", path: "/control/events", family: "control" },
    doc: {
      summary: "Follow the gateway's events as server-sent events",
      tag: "control",
      get query() {
        return controlBodies.eventsQuery;
      },
      get answers() {
        const { refusal } = controlBodies;
        return {
          200: {
            say: "A stream of events; `data` is the frame that WebSocket clients get.",
            type: "text/event-stream",
          },
          400: { say: "An event of this name does not exist.", schema: refusal },
          503: { say: "Too many streams are open, or the gateway stops.", schema: refusal },
        };
      },
    },
    handle: (visit) => streams.open(visit),
  };
}
