import { integer } from "../database/row.ts";
import { Documents } from "../integrity/documents.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { type SystemEvent, type SystemEventRepository, systemEvent } from "./types.ts";

export function systemEventDocuments(deps: SealedDeps): Documents<SystemEvent> {
  return new Documents(deps, { table: "system_events", name: "system event", schema: systemEvent, pages: 8 });
}

/** Events that wait for a heartbeat. */
export function createSystemEvents(deps: SealedDeps): SystemEventRepository {
  const { connection } = deps;
  const events = systemEventDocuments(deps);
  return {
    add: async (event) =>
      connection.write(() => {
        if (events.find(event.id) !== undefined) return false;
        events.save(event.id, event);
        return true;
      }),
    list: async (limit) =>
      connection.read(() =>
        events.select({ where: "true ORDER BY created_at, id LIMIT ?", values: [limit] }),
      ),
    count: async () =>
      connection.read(() => integer(connection.get("SELECT COUNT(*) AS n FROM system_events") ?? {}, "n")),
    remove: async (ids) =>
      connection.write(() => {
        for (const id of ids) events.remove(id);
      }),
  };
}
