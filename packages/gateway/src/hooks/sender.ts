import { createHmac } from "node:crypto";
import { type ConfigStore, serverSecret } from "@carapace/config";
import type { State } from "@carapace/state";
import type { World } from "../types.ts";

const tag = "hooks-sender-scope-v1";
const settingName = "hooks.senderKey";

/** Who a caller is to sessions: the same address the same name, which tells nobody the address (http.md §8.3). */
export function senderId(key: string, clientIp: string): string {
  if (clientIp.trim() === "") return "unknown";
  return `sender_${createHmac("sha256", key).update(tag).update(clientIp).digest("hex")}`;
}

export interface SenderKeyDeps {
  readonly config: Pick<ConfigStore, "current">;
  readonly settings: State["settings"];
  readonly world: Pick<World, "env" | "newId">;
}

/**
 * The key of sender ids: `CARAPACE_SERVER_SECRET`, else the gateway's token, its password, the hooks' token. Where there
 * is none, a random one of this installation; the reference has one constant for all there, which hides no address.
 */
export function createSenderKey({ config, settings, world }: SenderKeyDeps): () => Promise<string> {
  let own: Promise<string> | undefined;
  async function ownKey(): Promise<string> {
    const known = await settings.get(settingName);
    if (typeof known === "string" && known !== "") return known;
    const made = `${world.newId()}${world.newId()}`;
    await settings.set(settingName, made);
    return made;
  }
  return async () => {
    const { config: settings, lookup } = config.current();
    const { auth, hooks } = settings.gateway;
    const told = [
      serverSecret(world.env)?.reveal(),
      lookup("CARAPACE_GATEWAY_TOKEN"),
      auth.token?.reveal(),
      lookup("CARAPACE_GATEWAY_PASSWORD"),
      auth.password?.reveal(),
      hooks.token?.reveal(),
    ];
    const first = told.find((text) => text !== undefined && text.trim() !== "");
    if (first !== undefined) return first;
    own ??= ownKey().catch((error: unknown) => {
      own = undefined;
      throw error;
    });
    return own;
  };
}
