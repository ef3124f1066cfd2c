import { Api, type ApiClientOptions } from "grammy/web";
import { askVendor } from "../http/ask-vendor.ts";
import type { BotSettings } from "../http/bot-settings.ts";
import { bytesOf } from "../http/bytes-of.ts";
import type { VendorApi } from "../http/vendor-api.ts";
import { telegramVendor } from "./vendor.ts";

/** As long as the outbox gives an attempt at most: it, not this, ends one. */
const timeoutMs = 300_000;

type Fetch = NonNullable<ApiClientOptions["fetch"]>;

/**
 * grammY's client over the guarded fetch. Its requests throw `VendorFault` for all that is no success.
 * @param signal Ends every request of this client.
 */
export function createClient(
  settings: BotSettings,
  { api, signal }: { readonly api: VendorApi; readonly signal: AbortSignal },
): Api {
  const { root, isOwners } = api;
  async function ask(url: string, init: RequestInit): Promise<Response> {
    const request = { url, method: "POST", timeoutMs, isOwners, signal } as const;
    const sent = { ...request, ...(await sentOf(init)) };
    const { result } = await askVendor(telegramVendor, settings, sent);
    return Response.json({ ok: true, result });
  }
  // Typed for node-fetch, of which this build of grammY uses what every fetch has.
  const fetch = ask as unknown as Fetch;
  return new Api(settings.botToken.reveal(), { apiRoot: root, timeoutSeconds: timeoutMs / 1000, fetch });
}

async function sentOf({ body, headers }: RequestInit) {
  if (body === undefined || body === null) return {};
  const { bytes, contentType } = await bytesOf(body);
  const type = new Headers(headers).get("content-type") ?? contentType;
  return { body: bytes, ...(type === undefined ? {} : { headers: { "content-type": type } }) };
}
