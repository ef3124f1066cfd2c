import type { Result } from "@carapace/protocol";
import { z } from "zod";
import type { BotSettings } from "../http/bot-settings.ts";
import { type BotIdentity, type Checked, checkedToken } from "../http/checked-token.ts";
import { cleanSentence } from "../http/clean-sentence.ts";
import { judgeAnswer } from "../http/judge-answer.ts";
import { vendorRequest } from "../http/vendor-request.ts";
import { findTelegram, readTelegram } from "./api.ts";

const User = z.object({
  id: z.int(),
  username: z.string().optional(),
  first_name: z.string().optional(),
});

const timeoutMs = 5000;

/**
 * Asks Telegram whose token it is (`getMe`); within 5 s.
 * @returns the bot's name and id; `unauthorized` for a token that Telegram does not know, `rate_limited` or `unavailable`
 * if it could not be found out now, `forbidden` for an address that cannot be used
 */
export async function checkTelegramToken(
  settings: BotSettings,
  signal: AbortSignal,
): Promise<Result<BotIdentity>> {
  return checkedToken(await askWhoIAm(settings, signal));
}

/** {@link checkTelegramToken}, with what the vendor answered. */
export async function askWhoIAm(settings: BotSettings, signal: AbortSignal): Promise<Checked> {
  const { botToken, baseUrl, nowMs = Date.now } = settings;
  const api = await findTelegram(baseUrl);
  if (!api.ok) return { ok: false, failure: terminal(api.say) };
  if (!isTokenShaped(botToken.reveal()))
    return { ok: false, failure: { ...terminal(notAToken), status: 401 } };
  const url = `${api.value.root}/bot${botToken.reveal()}/getMe`;
  const { isOwners } = api.value;
  const answer = await vendorRequest({ url, method: "GET", timeoutMs, signal, isOwners });
  const said = readTelegram(answer);
  const user = User.safeParse(said.result);
  const judging = { label: "Telegram", token: botToken, nowMs: nowMs() };
  const failure = judgeAnswer(answer, { ...said, isDone: said.isDone && user.success }, judging);
  if (failure !== undefined) return { ok: false, failure };
  const { id = 0, username, first_name: name = "" } = user.data ?? {};
  const shown = cleanSentence(username === undefined ? name : `@${username}`, botToken);
  return { ok: true, value: { name: shown, id: String(id) } };
}

export const notAToken =
  "Telegram: that is not a bot token: @BotFather gives one like 123456:ABC-DEF; write it with cara secrets set telegram.botToken";

/** It stands in the path of every request: nothing that could lead elsewhere does. */
export function isTokenShaped(token: string): boolean {
  return /^\d{1,20}:[\w-]{1,128}$/.test(token);
}

function terminal(error: string) {
  return { ok: false, error, retryability: { kind: "terminal" } } as const;
}
