import { join } from "node:path";
import type { Config } from "@carapace/config";
import { type Asset, findAsset } from "./assets.ts";

/** How an agent looks: a file of the state directory, or an address that only the page may use. */
export type Avatar =
  | { readonly kind: "file"; readonly asset: Asset }
  | { readonly kind: "address"; readonly url: string }
  | { readonly kind: "none" };

const agentId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const extensions = ["png", "jpg", "jpeg", "gif", "webp"] as const;

/** The first picture of `<state>/agents/<id>/avatar.*`, else the address of the agent's configuration (http.md §13). */
export async function findAvatar(id: string, stateDir: string, config: Config): Promise<Avatar> {
  if (!agentId.test(id)) return { kind: "none" };
  for (const extension of extensions) {
    const found = await findAsset(join(stateDir, "agents", id), `avatar.${extension}`);
    if (found.kind === "asset") return { kind: "file", asset: found.asset };
  }
  const url = config.agents.list.find((entry) => entry.id === id)?.identity?.avatar ?? "";
  return isShowable(url) ? { kind: "address", url } : { kind: "none" };
}

function isShowable(url: string): boolean {
  return /^(https:\/\/|data:image\/(png|jpeg|gif|webp);base64,)/.test(url) && url.length <= 262_144;
}
