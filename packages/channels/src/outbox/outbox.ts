import type { Carrying } from "./carrying.ts";
import { createFollowers } from "./followers.ts";
import type { Outbox, OutboxDeps } from "./types.ts";

/**
 * The outbox over its repository: what is in there is carried to its channel, whatever happens to this process. What
 * carries is loaded with the first message: most gateways answer only where they were asked.
 */
export function createOutbox(deps: OutboxDeps): Outbox {
  const followers = createFollowers();
  let carrying: Promise<Carrying> | undefined;
  const load = () => {
    carrying ??= import("./carrying.ts").then(({ createCarrying }) => createCarrying(deps, followers));
    return carrying;
  };
  return {
    enqueue: async (message) => await (await load()).enqueue(message),
    carry: async (id) => await (await load()).carry(id),
    retry: async (id) => await (await load()).retry(id),
    drop: async (id) => await (await load()).drop(id),
    follow: followers.follow,
    pending: (channel) => deps.repository.pending(channel),
    async start() {
      if ((await deps.repository.pending()) > 0) await (await load()).recover();
    },
    async [Symbol.asyncDispose]() {
      await (await carrying)?.[Symbol.asyncDispose]();
    },
  };
}
