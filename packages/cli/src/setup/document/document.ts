import type { JsonObject } from "@carapace/protocol";
import type { GatewayAuthAnswer, SetupAnswers } from "../answers.ts";
import { channelEntries } from "./channel.ts";
import { type Entry, literal, treeOf } from "./entries.ts";
import { providerEntries } from "./provider.ts";

/** The model of who chose no provider: built in, without a network. */
export const offlineModel = "offline:basic";

/** Pure. The configuration that the answers stand for (cli.md §3.10): variables by name, the rest literally. */
export function documentOf(answers: SetupAnswers): JsonObject {
  return treeOf(entriesOf(answers));
}

/** Pure. The same, key by key. */
export function entriesOf(answers: SetupAnswers): readonly Entry[] {
  const { provider, model, auth, bind, port, channel, hooksToken, controlUi } = answers;
  const chosen = provider.provider === "offline" ? offlineModel : model;
  return [
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
