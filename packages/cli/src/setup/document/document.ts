import type { JsonObject } from "@carapace/protocol";
import type { GatewayAuthAnswer, Given, ProviderAnswer, SetupAnswers } from "../answers.ts";
import { providerOf } from "../choice.ts";
import { channelEntries } from "./channel.ts";
import { type Entry, literal, treeOf } from "./entries.ts";
import { providerEntries } from "./provider.ts";

/** The model of who chose no provider: built in, without a network. */
export const offlineModel = "offline:basic";

/** Pure. The configuration that the answers stand for (cli.md §3.10): variables by name, the rest literally. */
export function documentOf(answers: SetupAnswers): JsonObject {
  const { provider, model, auth, bind, port, channel, hooksToken, controlUi } = answers;
  const chosen = provider.provider === "offline" ? offlineModel : model;
  const entries: readonly Entry[] = [
    ["gateway.port", port],
    ["gateway.bind", bind],
    ...authEntries(auth),
    ...(controlUi ? [["gateway.controlUi.enabled", true] satisfies Entry] : []),
    ...(hooksToken === undefined
      ? []
      : [
          ["gateway.hooks.enabled", true] satisfies Entry,
          ["gateway.hooks.token", literal(hooksToken.reveal())] satisfies Entry,
        ]),
    ...(chosen === undefined ? [] : [["agents.defaults.model", literal(chosen)] satisfies Entry]),
    ...providerEntries(provider),
    ...channelEntries(channel),
  ];
  return treeOf(entries);
}

function authEntries(auth: GatewayAuthAnswer): readonly Entry[] {
  return auth.mode === "token"
    ? [
        ["gateway.auth.mode", "token"],
        ["gateway.auth.token", literal(auth.token.reveal())],
      ]
    : [
        ["gateway.auth.mode", "password"],
        ["gateway.auth.password", literal(auth.password.reveal())],
      ];
}

/** Pure. What the owner should know of what was left out: it loads, and cannot work yet. */
export function leftOut({ provider }: SetupAnswers): readonly string[] {
  return keysOf(provider)
    .filter(([, given]) => given.kind === "none")
    .map(
      ([name]) => `no ${name} was given: set it where the gateway starts, or run cara setup --force again`,
    );
}

/** The keys that a provider cannot do without, and the variable that gives each. */
function keysOf(answer: ProviderAnswer): readonly (readonly [string, Given])[] {
  if (answer.provider === "bedrock") {
    return [
      ["AWS_ACCESS_KEY_ID", answer.accessKeyId],
      ["AWS_SECRET_ACCESS_KEY", answer.secretAccessKey],
    ];
  }
  if (answer.provider === "offline" || answer.provider === "ollama" || !("key" in answer)) return [];
  return [[providerOf(answer.provider).key?.variables[0] ?? "key", answer.key]];
}
