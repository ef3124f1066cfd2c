// An outbox in a process of its own, for tests that kill it. Prints the id of each message once it is acknowledged.
import { openState, systemStateKeys } from "@carapace/state";
import type { Channel } from "../adapter.ts";
import { carrying, enqueued, webhookTo, words } from "./carried.ts";

const [dir = "", url = "", channel = "webhook", text = "", isOffline = ""] = process.argv.slice(2);

/** Reaches the receiver, which cannot be told that it has had something already. */
function forgetful(): Channel {
  const webhook = webhookTo(url);
  return { ...webhook, info: { ...webhook.info, id: "forgetful" }, dedupes: false };
}

const env = { CARAPACE_CREDENTIAL_STORE: "off" };
const keys = systemStateKeys({ dir, env, nowMs: Date.now, password: undefined });
const state = await openState({ dir, keys, newId: () => crypto.randomUUID() });
const channels = [webhookTo(url), forgetful()];
const { outbox } = await carrying(state, { channels, isOffline: isOffline !== "" });
if (text !== "") {
  const { id } = await enqueued(outbox, words(text, { channel }));
  process.stdout.write(`${id}\n`);
}
// Until it is killed.
await new Promise(() => setInterval(() => undefined, 1000));
