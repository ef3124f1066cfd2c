import { botVendors } from "@carapace/config";
import type { Result } from "@carapace/protocol";
import type { BotSettings } from "./bot-settings.ts";
import type { BotVendor } from "./bot-vendor.ts";
import { type BotIdentity, type Checked, checkedToken } from "./checked-token.ts";
import { cleanSentence } from "./clean-sentence.ts";
import { terminal } from "./failure.ts";
import { type JudgedFailure, judgeAnswer } from "./judge-answer.ts";
import { type VendorApi, vendorApi } from "./vendor-api.ts";
import { vendorRequest } from "./vendor-request.ts";

const timeoutMs = 5000;

/**
 * Asks a vendor whose token it is; within 5 s.
 * @returns the bot's name and id; `unauthorized` for a token that the vendor does not know, `rate_limited` or
 * `unavailable` if it could not be found out now, `forbidden` for an address that cannot be used
 */
export async function checkToken(
  vendor: BotVendor,
  settings: BotSettings,
  signal: AbortSignal,
): Promise<Result<BotIdentity>> {
  return checkedToken(await askWhoIAm(vendor, settings, signal));
}

/** {@link checkToken}, with what the vendor answered. */
export async function askWhoIAm(
  vendor: BotVendor,
  settings: BotSettings,
  signal: AbortSignal,
): Promise<Checked> {
  const api = await findApi(vendor, settings);
  if (!api.ok) return api;
  const { botToken: token, nowMs = Date.now } = settings;
  const { root, isOwners } = api.value;
  const request = { ...vendor.whoAmI(root, token.reveal()), method: "GET" } as const;
  const answer = await vendorRequest({ ...request, timeoutMs, signal, isOwners });
  const said = vendor.read(answer);
  const bot = vendor.botIn(said.result);
  const isDone = said.isDone && bot !== undefined;
  const failure = judgeAnswer(answer, { ...said, isDone }, { label: vendor.label, token, nowMs: nowMs() });
  if (failure !== undefined) return { ok: false, failure };
  const { id = "", name = "" } = bot ?? {};
  return { ok: true, value: { name: cleanSentence(name, token), id } };
}

/** Where a vendor is asked, if address and token can be used at all. */
export async function findApi(
  { id, isTokenShaped, notAToken }: BotVendor,
  { baseUrl, botToken }: BotSettings,
): Promise<
  { readonly ok: true; readonly value: VendorApi } | { readonly ok: false; readonly failure: JudgedFailure }
> {
  const api = await vendorApi(baseUrl, { vendor: botVendors[id], name: `${id}.baseUrl` });
  if (!api.ok) return { ok: false, failure: terminal(api.say) };
  if (isTokenShaped(botToken.reveal())) return api;
  return { ok: false, failure: { ...terminal(notAToken), status: 401 } };
}
