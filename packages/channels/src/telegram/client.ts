import { Api, type ApiClientOptions } from "grammy/web";
import type { BotSettings } from "../http/bot-settings.ts";
import { bytesOf } from "../http/bytes-of.ts";
import { judgeAnswer } from "../http/judge-answer.ts";
import type { VendorApi } from "../http/vendor-api.ts";
import { VendorFault } from "../http/vendor-fault.ts";
import { vendorRequest } from "../http/vendor-request.ts";
import { readTelegram } from "./api.ts";

/** As long as the outbox gives an attempt at most: it, not this, ends one. */
const timeoutMs = 300_000;

type Fetch = NonNullable<ApiClientOptions["fetch"]>;

/**
 * grammY's client over the guarded fetch. Its requests throw {@link VendorFault} for all that is no success.
 * @param signal Ends every request of this client.
 */
export function createClient(
  { botToken, nowMs = Date.now }: BotSettings,
  { api, signal }: { readonly api: VendorApi; readonly signal: AbortSignal },
): Api {
  const { root, isOwners } = api;
  async function ask(url: string, init: RequestInit): Promise<Response> {
    const request = { url, method: "POST", timeoutMs, isOwners, signal } as const;
    const answer = await vendorRequest({ ...request, ...(await sentOf(init)) });
    const said = readTelegram(answer);
    const failure = judgeAnswer(answer, said, { label: "Telegram", token: botToken, nowMs: nowMs() });
    if (failure !== undefined) throw new VendorFault(failure);
    return Response.json({ ok: true, result: said.result });
  }
  // Typed for node-fetch, of which this build of grammY uses what every fetch has.
  const fetch = ask as unknown as Fetch;
  return new Api(botToken.reveal(), { apiRoot: root, timeoutSeconds: timeoutMs / 1000, fetch });
}

async function sentOf({ body, headers }: RequestInit) {
  if (body === undefined || body === null) return {};
  const { bytes, contentType } = await bytesOf(body);
  const type = new Headers(headers).get("content-type") ?? contentType;
  return { body: bytes, ...(type === undefined ? {} : { headers: { "content-type": type } }) };
}
