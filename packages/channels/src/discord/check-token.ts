import { type Result, version } from "@carapace/protocol";
import { z } from "zod";
import type { BotSettings } from "../http/bot-settings.ts";
import { type BotIdentity, type Checked, checkedToken } from "../http/checked-token.ts";
import { cleanSentence } from "../http/clean-sentence.ts";
import { judgeAnswer } from "../http/judge-answer.ts";
import { vendorRequest } from "../http/vendor-request.ts";
import { findDiscord, readDiscord } from "./api.ts";

const User = z.object({ id: z.string().regex(/^\d{1,20}$/), username: z.string() });

const timeoutMs = 5000;

/**
 * Asks Discord whose token it is (`users/@me`); within 5 s.
 * @returns the bot's name and id; `unauthorized` for a token that Discord does not know, `rate_limited` or `unavailable`
 * if it could not be found out now, `forbidden` for an address that cannot be used
 */
export async function checkDiscordToken(
  settings: BotSettings,
  signal: AbortSignal,
): Promise<Result<BotIdentity>> {
  return checkedToken(await askWhoIAm(settings, signal));
}

/** {@link checkDiscordToken}, with what the vendor answered. */
export async function askWhoIAm(settings: BotSettings, signal: AbortSignal): Promise<Checked> {
  const { botToken, baseUrl, nowMs = Date.now } = settings;
  const api = await findDiscord(baseUrl);
  if (!api.ok) return { ok: false, failure: terminal(api.say) };
  if (!isTokenShaped(botToken.reveal()))
    return { ok: false, failure: { ...terminal(notAToken), status: 401 } };
  const headers = {
    authorization: `Bot ${botToken.reveal()}`,
    "user-agent": `DiscordBot (carapace, ${version})`,
  };
  const { root, isOwners } = api.value;
  const answer = await vendorRequest({
    ...{ url: `${root}/users/@me`, method: "GET", headers, timeoutMs, signal, isOwners },
  });
  const said = readDiscord(answer);
  const user = User.safeParse(said.result);
  const judging = { label: "Discord", token: botToken, nowMs: nowMs() };
  const failure = judgeAnswer(answer, { ...said, isDone: said.isDone && user.success }, judging);
  if (failure !== undefined) return { ok: false, failure };
  const { id = "", username = "" } = user.data ?? {};
  return { ok: true, value: { name: cleanSentence(username, botToken), id } };
}

export const notAToken =
  "Discord: that is not a bot token: it has letters, digits, dots and dashes only (Developer Portal, Bot, Reset Token); write it with cara secrets set discord.botToken";

/** It stands in a header: nothing that ends one does. */
export function isTokenShaped(token: string): boolean {
  return /^[\w.-]{1,255}$/.test(token);
}

function terminal(error: string) {
  return { ok: false, error, retryability: { kind: "terminal" } } as const;
}
