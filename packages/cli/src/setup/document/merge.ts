import { setupProviders } from "@carapace/config/setup";
import type { JsonObject } from "@carapace/protocol";
import type { ChannelAnswer, ProviderAnswer, SetupAnswers } from "../answers.ts";
import { entriesOf } from "./document.ts";
import { type Entry, treeOf } from "./entries.ts";

/** What of a configuration is kept that the answers speak of, too. */
interface Kept {
  /** Its callers know the token. */
  readonly hasHooksToken: boolean;
}

/**
 * Pure. What the answers change in a configuration that is there, as a merge patch (RFC 7396). The chosen provider and the
 * chosen channel's account are made anew, so that a key never goes to an address that stood there for another; the model
 * and what the outcome needs are set; who can reach the gateway, and how, stays as it is.
 */
export function mergeOf(answers: SetupAnswers, { hasHooksToken }: Kept): JsonObject {
  const isKept = (path: string): boolean =>
    path.startsWith("gateway.auth.") ||
    path === "gateway.bind" ||
    path === "gateway.port" ||
    (hasHooksToken && path === "gateway.hooks.token");
  return treeOf([
    ...(keepsKey(answers.provider) ? [] : providerReset(answers.provider.provider)),
    ...channelReset(answers.channel),
    ...entriesOf(answers).filter(([path]) => !isKept(path)),
  ]);
}

/** Who gives no key leaves the one that is there, and the address it is for. Ollama's address is always given. */
function keepsKey(answer: ProviderAnswer): boolean {
  if (answer.provider === "bedrock") return answer.secretAccessKey.kind === "none";
  return answer.provider !== "ollama" && "key" in answer && answer.key.kind === "none";
}

/** Every setting of a provider, as not set. */
function providerReset(id: SetupAnswers["provider"]["provider"]): readonly Entry[] {
  const provider = setupProviders.find((one) => one.id === id);
  if (provider === undefined) return [];
  const { key, baseUrl, settings = {}, profile } = provider;
  return [key, baseUrl, ...Object.values(settings), profile].flatMap((setting) =>
    setting === undefined ? [] : [[setting.path, null] as const],
  );
}

const matrixKeys = ["accessToken", "deviceId", "password", "storePassphrase", "autoJoin"];

function channelReset(answer: ChannelAnswer | undefined): readonly Entry[] {
  if (answer === undefined) return [];
  const keys = answer.channel === "matrix" ? matrixKeys : ["baseUrl"];
  return keys.map((key) => [`${answer.channel}.${key}`, null]);
}
