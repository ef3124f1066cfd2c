import { Documents } from "../integrity/documents.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { type ResponseRepository, type StoredResponse, storedResponse } from "./types.ts";

export function responseDocuments(deps: SealedDeps): Documents<StoredResponse> {
  return new Documents(deps, { table: "responses", name: "stored reply", schema: storedResponse, pages: 64 });
}

/** Replies that later requests go on from. */
export function createResponses(deps: SealedDeps): ResponseRepository {
  const { connection } = deps;
  const responses = responseDocuments(deps);
  return {
    save: async (response) => connection.write(() => responses.save(response.id, response)),
    find: async (id, nowMs) =>
      connection.read(() => {
        const found = responses.find(id);
        return found !== undefined && found.expiresAtMs > nowMs ? found : undefined;
      }),
    remove: async (id) => connection.write(() => responses.remove(id)),
    prune: async (nowMs) =>
      connection.write(() => {
        const old = responses.select({ where: "expires_at <= ? LIMIT 500", values: [nowMs] });
        for (const { id } of old) responses.remove(id);
        return old.length;
      }),
  };
}
