import type { ChannelView } from "@carapace/channels";
import { controlBodies } from "@carapace/protocol";
import { definedOnly } from "../defined-only.ts";
import { json } from "../http/json.ts";
import type { Route } from "../http/route.ts";

/** What the control API shows of a channel. */
export type ShownChannel = Pick<ChannelView, "id" | "name" | "status" | "lastConnectedAtMs" | "lastError">;

/** GET `/control/channels` (http.md §12.2), sorted by id. */
export function channelsRoute(channels: () => readonly ShownChannel[]): Route {
  return {
    ...{ method: "GET", path: "/control/channels", family: "control" },
    doc: {
      summary: "List the channels and how they stand",
      tag: "control",
      get answers() {
        return { 200: { say: "The channels, by id.", schema: controlBodies.channels } };
      },
    },
    handle: () => {
      const listed = [...channels()].sort((one, other) => (one.id < other.id ? -1 : 1)).map(shown);
      const connected = listed.filter(({ status }) => status === "connected").length;
      return json({ ok: true, total: listed.length, connected, channels: listed });
    },
  };
}

function shown({ id, name, status, lastError, lastConnectedAtMs }: ShownChannel) {
  const at = lastConnectedAtMs === undefined ? undefined : new Date(lastConnectedAtMs).toISOString();
  return definedOnly({ id, name, status, lastConnectedAt: at, lastError });
}
