import type { Channel } from "@carapace/channels";
import type { BotSettings } from "@carapace/channels/telegram";
import { botAccount, botVendors } from "@carapace/config";
import { configSecret } from "@carapace/config/secret-places";
import type { Refusal } from "@carapace/protocol";
import { type Check, fail, pass, shownError, skip } from "../check.ts";
import { unseal } from "../next-steps.ts";
import type { Checks, Subject } from "../types.ts";
import { type Bot, type BotAdapter, discord, telegram, tokenOf } from "./bots.ts";

const sendTimeoutMs = 20_000;

export const verifyDiscord = (subject: Subject): Checks => verifyBot(discord, subject);
export const verifyTelegram = (subject: Subject): Checks => verifyBot(telegram, subject);

/** A bot's credentials, its token, and a real message through the channel's own outbound half (cli.md §3.12). */
async function* verifyBot(bot: Bot, subject: Subject): Checks {
  if (subject.place.kind === "elsewhere") {
    yield kept(bot);
    return;
  }
  const found = tokenOf(bot, subject);
  if (found === undefined) {
    yield missing(bot, subject);
    return;
  }
  const { token: botToken, source, note } = found;
  subject.world.out.hide([botToken.reveal()]);
  yield pass(`${bot.label} credentials`, `the token is set by ${source}${note}`);
  const adapter = await bot.adapter();
  const { baseUrl } = botAccount(bot.id, subject.snapshot);
  const settings = { botToken, baseUrl, nowMs: subject.world.nowMs };
  const checked = await checkToken({ bot, adapter, settings, source }, subject);
  yield checked;
  yield checked.status === "PASS"
    ? await send({ bot, adapter, settings }, subject)
    : skip(pathName(bot), "nothing was sent, as the token check failed", "do its next step first");
}

function pathName({ label }: Bot): string {
  return `${label} send path`;
}

function kept({ id, label }: Bot): Check {
  return skip(
    `${label} credentials`,
    "the bot's token lies on the gateway's machine and is not readable from here",
    `run it there: cara verify --outcome ${id}`,
  );
}

function missing({ id, label, tokenVariable, advice }: Bot, { snapshot }: Subject): Check {
  const name = `${label} credentials`;
  const key = `${id}.botToken`;
  if (configSecret(snapshot, key).form === "locked")
    return fail(name, `${key} is sealed and does not open`, unseal);
  const step = `${advice.newToken}, then: cara secrets set ${key}, or export ${tokenVariable}`;
  return fail(name, "no bot token is set", step);
}

interface Trying {
  readonly bot: Bot;
  readonly adapter: BotAdapter;
  readonly settings: BotSettings;
}

async function checkToken(
  { bot, adapter, settings, source }: Trying & { readonly source: string },
  { signal }: Subject,
): Promise<Check> {
  const name = `${bot.label} token check`;
  const checked = await adapter.checkToken(settings, signal);
  signal.throwIfAborted();
  if (!checked.ok) return fail(name, shownError(checked.say), tokenAdvice(bot, source, checked));
  const own = settings.baseUrl === botVendors[bot.id] ? "" : `, says ${hostOf(settings.baseUrl)}`;
  return pass(name, `the token is that of ${checked.value.name} (${checked.value.id})${own}`);
}

/** Of an address that the channel has just used. */
function hostOf(address: string): string {
  return URL.parse(address)?.host ?? "another server";
}

function tokenAdvice({ id, label, advice, urlVariable }: Bot, source: string, { code }: Refusal): string {
  const put = source.includes(".") ? `cara secrets set ${source}` : `export ${source}`;
  switch (code) {
    case "unauthorized":
      return `${advice.newToken}, then: ${put}`;
    case "rate_limited":
      return "wait a minute, then run cara verify again";
    case "unavailable":
      return `check the internet connection; ${label} may be down`;
    default:
      return `correct ${id}.baseUrl (or ${urlVariable}), or remove it to use ${label}'s own address`;
  }
}

async function send({ bot, adapter, settings }: Trying, { world, to, signal }: Subject): Promise<Check> {
  const name = pathName(bot);
  const destination = to[bot.id];
  if (destination === undefined) {
    const step = `run it again with ${bot.option} and ${bot.advice.destination}`;
    return skip(name, "no destination was given, so nothing was sent", step);
  }
  const at = new Date(world.nowMs()).toISOString().replace(/\.\d+Z$/, "Z");
  const text = `Carapace verify: this message was sent at ${at} (UTC).`;
  const channel = adapter.create(settings);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(sendTimeoutMs)]);
  const sent = await channel.sendText({ to: destination, text, idempotencyKey: world.newId() }, limit);
  signal.throwIfAborted();
  if (sent.ok) {
    const id = sent.messageId === undefined ? "" : ` (message ${sent.messageId})`;
    return pass(name, `a message stamped ${at} was sent to ${destination}${id}`);
  }
  const maybe = sent.mayHaveArrived === true ? "; it may have arrived nevertheless" : "";
  return fail(name, `${shownError(sent.error)}${maybe}`, sendAdvice(bot, sent));
}

type NotSent = Extract<Awaited<ReturnType<Channel["sendText"]>>, { readonly ok: false }>;

function sendAdvice({ label, option, advice }: Bot, { error, retryability }: NotSent): string {
  const status = Number(/\(HTTP (\d{3})\)$/.exec(error)?.[1] ?? 0);
  if (status === 429) return `wait ${waitOf(retryability)}, then run cara verify again`;
  const known = advice.refused[status];
  if (known !== undefined) return known;
  if (retryability.kind === "transient")
    return `check the internet connection; ${label} may have trouble. Then run cara verify again`;
  return `check ${option} (${advice.destination}), and what the bot may do there`;
}

function waitOf(retryability: NotSent["retryability"]): string {
  const ms = retryability.kind === "transient" ? retryability.retryAfterMs : undefined;
  return ms === undefined ? "a minute" : `${Math.max(1, Math.ceil(ms / 1000))} s`;
}
