import { type PresenceEntry, publicPresence, wireLimits } from "@carapace/protocol";
import { definedOnly } from "../defined-only.ts";
import type { Member } from "./member.ts";
import { setNewest } from "./set-newest.ts";

/** Which fields a reader gets (websocket.md §10.1): `admin` all, `operator` those that name nobody. */
export type PresenceView = "admin" | "operator";

/** What somebody says of a client by `system-event`; `ts` is set here. */
export type Announcement = Omit<PresenceEntry, "ts">;

/** Who is there: one entry for each connection, and those that were announced. */
export interface Presence {
  /** @param key Lower-cased device id, instance id, host or the like (websocket.md §12.1 `system-event`). */
  announce(key: string, said: Announcement, nowMs: number): void;
  /** Newest first, at most 200, none older than 5 minutes. */
  list(members: Iterable<Member>, view: PresenceView, nowMs: number): PresenceEntry[];
}

export function createPresence(): Presence {
  const announced = new Map<string, PresenceEntry>();
  return {
    announce(key, said, nowMs) {
      setNewest(announced, [key.toLowerCase(), { ...said, ts: nowMs }], wireLimits.maxPresenceEntries);
    },
    list(members, view, nowMs) {
      const entries = [...entriesOf(members, announced)]
        .filter((entry) => entry.reason !== "disconnect" && nowMs - entry.ts <= wireLimits.presenceTtlMs)
        .sort((one, other) => other.ts - one.ts)
        .slice(0, wireLimits.maxPresenceEntries);
      return view === "admin" ? entries : entries.map(publicPresence);
    },
  };
}

/** Connected clients with what was announced of them, then announcements of clients that are not connected. */
function* entriesOf(
  members: Iterable<Member>,
  announced: ReadonlyMap<string, PresenceEntry>,
): Generator<PresenceEntry> {
  const seen = new Set<string>();
  for (const { presence, lastActiveMs } of members) {
    const key = (presence.deviceId ?? presence.instanceId)?.toLowerCase();
    const said = key === undefined ? undefined : announced.get(key);
    if (key !== undefined) seen.add(key);
    // What a client was granted and where it comes from is the gateway's to say, not the announcer's.
    const { ip, deviceId, roles, scopes } = presence;
    yield said === undefined
      ? { ...presence, ts: lastActiveMs }
      : {
          ...presence,
          ...said,
          ...definedOnly({ ip, deviceId, roles, scopes }),
          ts: Math.max(lastActiveMs, said.ts),
        };
  }
  for (const [key, entry] of announced) if (!seen.has(key)) yield entry;
}
