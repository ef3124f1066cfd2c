import { Documents } from "../integrity/documents.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { type HookDelivery, type HookDeliveryRepository, hookDelivery } from "./types.ts";

export function hookDeliveryDocuments(deps: SealedDeps): Documents<HookDelivery> {
  return new Documents(deps, {
    table: "hook_deliveries",
    name: "hook call",
    schema: hookDelivery,
    pages: 64,
  });
}

/** The calls of hooks (http.md §8.4). */
export function createHookDeliveries(deps: SealedDeps): HookDeliveryRepository {
  const { connection } = deps;
  const deliveries = hookDeliveryDocuments(deps);
  const newestFirst = "true ORDER BY received_at DESC, id DESC LIMIT ?";
  return {
    save: async (delivery) => connection.write(() => deliveries.save(delivery.id, delivery)),
    list: async (limit) => connection.read(() => deliveries.select({ where: newestFirst, values: [limit] })),
    prune: async (keep) =>
      connection.write(() => {
        const old = deliveries.select({ where: `${newestFirst} OFFSET ?`, values: [500, keep] });
        for (const { id } of old) deliveries.remove(id);
        return old.length;
      }),
  };
}
