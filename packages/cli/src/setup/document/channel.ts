import type { ChannelAnswer } from "../answers.ts";
import { type Entry, literal, secretAt } from "./entries.ts";

/** A channel's account (cli.md §3.10, step 8). A bot without a token is none: its channel is left out. */
export function channelEntries(answer: ChannelAnswer | undefined): readonly Entry[] {
  if (answer === undefined) return [];
  if (answer.channel === "matrix") return matrixEntries(answer);
  const { channel, botToken } = answer;
  if (botToken.kind === "none") return [];
  return [[`${channel}.enabled`, true], ...secretAt(`${channel}.botToken`, botToken)];
}

function matrixEntries(answer: Extract<ChannelAnswer, { readonly channel: "matrix" }>): readonly Entry[] {
  const { homeserverUrl, userId, signIn, encrypted, storePassphrase, allowUsers, allowServerNames } = answer;
  return [
    ["matrix.enabled", true],
    ["matrix.homeserverUrl", literal(homeserverUrl)],
    ["matrix.userId", literal(userId)],
    ["matrix.encrypted", encrypted],
    ...signInEntries(signIn),
    ...(encrypted ? secretAt("matrix.storePassphrase", storePassphrase) : []),
    ...listAt("matrix.autoJoin.allowUsers", allowUsers),
    ...listAt("matrix.autoJoin.allowServerNames", allowServerNames),
  ];
}

function signInEntries(
  signIn: Extract<ChannelAnswer, { readonly channel: "matrix" }>["signIn"],
): readonly Entry[] {
  if (signIn.kind === "password") return secretAt("matrix.password", signIn.password);
  return [...secretAt("matrix.accessToken", signIn.token), ["matrix.deviceId", literal(signIn.deviceId)]];
}

function listAt(path: string, list: readonly string[]): readonly Entry[] {
  return list.length === 0 ? [] : [[path, list.map(literal)]];
}
