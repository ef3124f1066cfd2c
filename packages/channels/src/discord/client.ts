import { REST, type RESTOptions } from "@discordjs/rest";
import { z } from "zod";
import { askVendor } from "../http/ask-vendor.ts";
import type { BotSettings } from "../http/bot-settings.ts";
import { bytesOf } from "../http/bytes-of.ts";
import type { VendorApi } from "../http/vendor-api.ts";
import { maxLimitMs } from "./limits.ts";
import { discordVendor } from "./vendor.ts";

/** As long as the outbox gives an attempt at most: it, not this, ends one. */
const timeoutMs = 300_000;

/** The library makes its headers as a plain object. */
const Given = z.record(z.string(), z.string());

type MakeRequest = RESTOptions["makeRequest"];
type Init = Parameters<MakeRequest>[1];

/**
 * @discordjs/rest over the guarded fetch; it knows Discord's buckets, and throws before one is overdrawn. Its requests throw
 * `VendorFault` for all that is no success. It makes none twice: that is for the outbox to say.
 */
export function createClient(settings: BotSettings, { root, isOwners }: VendorApi): REST {
  const makeRequest: MakeRequest = async (url, init) => {
    const signal = init.signal ?? new AbortController().signal;
    const request = { url, method: "POST", timeoutMs, isOwners, signal } as const;
    const sent = { ...request, ...(await sentOf(init)) };
    const { result, headers } = await askVendor(discordVendor, settings, sent);
    return Response.json(result, { headers: limitsOf(headers) });
  };
  const once = { retries: 0, timeout: timeoutMs, offset: 0, rejectOnRateLimit: () => true };
  const unswept = { hashSweepInterval: 0, handlerSweepInterval: 0 };
  const client = new REST({ api: root, makeRequest, ...once, ...unswept });
  return client.setToken(settings.botToken.reveal());
}

async function sentOf({ body, headers }: Init) {
  if (typeof body !== "string" && !(body instanceof FormData)) throw new Error("a body of an unknown kind");
  const { bytes, contentType } = await bytesOf(body);
  const given = new Headers(Given.parse(headers));
  const type = given.get("content-type") ?? contentType;
  const authorization = given.get("authorization");
  const kept = {
    ...(type === undefined ? {} : { "content-type": type }),
    ...(authorization === null ? {} : { authorization }),
    "user-agent": given.get("user-agent") ?? "DiscordBot",
  };
  return { body: bytes, headers: kept };
}

/** What the library reads of an answer, beside its body. It keeps to any wait, however long. */
function limitsOf(headers: Headers): Record<string, string> {
  const limits = Object.fromEntries([...headers].filter(([name]) => name.startsWith("x-ratelimit-")));
  const isAbsurd = Number(limits[resetAfter]) * 1000 > maxLimitMs;
  return isAbsurd ? { ...limits, [resetAfter]: String(maxLimitMs / 1000) } : limits;
}

const resetAfter = "x-ratelimit-reset-after";
