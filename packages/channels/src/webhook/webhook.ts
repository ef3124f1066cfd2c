import type { Channel, DeliveryResult, OutboundContext } from "../adapter.ts";
import { terminal, transient } from "../http/failure.ts";
import { retryAfterMs } from "../http/retry-after.ts";
import { checkWebhookUrl } from "./check-webhook-url.ts";
import type { Post, PostAnswer, PostRequest } from "./post.ts";
import { signatureOf } from "./signature.ts";

/** `webhook` of the configuration. */
export interface WebhookSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Signs every request. */
  readonly secret?: string;
  readonly allowPrivate: boolean;
}

export interface WebhookDeps {
  readonly post: Post;
  readonly nowMs: () => number;
}

/** Posts each message as JSON to the one address the owner wrote down (channels.md §6). */
export function createWebhook(settings: WebhookSettings, { post, nowMs }: WebhookDeps): Channel {
  let current: WebhookSettings | undefined = settings;

  async function send(context: OutboundContext, signal: AbortSignal): Promise<DeliveryResult> {
    if (current === undefined) return terminal("the channel is logged out");
    const payload = payloadOf(context);
    if (payload === undefined) return terminal("a webhook passes on only media that has an http address");
    const request = requestOf(JSON.stringify(payload), { context, settings: current, nowMs: nowMs() });
    return resultOf(await post(request, signal), nowMs());
  }

  return {
    info: {
      id: "webhook",
      label: "Webhook",
      selectionLabel: "Webhook (HTTP POST)",
      docsPath: "deliver-messages.md",
      blurb: "Posts messages as JSON to an address of yours.",
      order: 100,
    },
    capabilities: { chatTypes: ["dm"], media: true, reply: true },
    // Each request carries its key; docs/deliver-messages.md tells the receiver's author what it is for.
    dedupes: true,
    sendText: send,
    sendMedia: send,
    async start(report) {
      const fault = await checkWebhookUrl(settings.url, settings.allowPrivate);
      if (fault === undefined) report("connected");
      else report("error", `webhook.url: ${fault}`);
    },
    async logout() {
      current = undefined;
    },
  };
}

function payloadOf({ to, text, mediaUrl, replyToId, threadId }: OutboundContext) {
  const more = {
    ...(replyToId === undefined ? {} : { replyTo: replyToId }),
    ...(threadId === undefined ? {} : { threadId }),
  };
  if (mediaUrl === undefined) return { to, text, ...more };
  const protocol = URL.parse(mediaUrl)?.protocol;
  if (protocol !== "https:" && protocol !== "http:") return undefined;
  return { to, mediaUrl, ...(text === "" ? {} : { caption: text }), ...more };
}

interface Sending {
  readonly context: OutboundContext;
  readonly settings: WebhookSettings;
  readonly nowMs: number;
}

function requestOf(body: string, { context, settings, nowMs }: Sending): PostRequest {
  const { url, headers, secret, allowPrivate } = settings;
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature =
    secret === undefined ? {} : { "X-Carapace-Signature": signatureOf({ timestamp, body }, secret) };
  const own = {
    "Content-Type": "application/json",
    "Idempotency-Key": context.idempotencyKey,
    "X-Carapace-Timestamp": timestamp,
    ...signature,
  };
  const reserved = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  const others = Object.entries(headers).filter(([name]) => !reserved.has(name.toLowerCase()));
  return { url, body, allowPrivate, headers: { ...Object.fromEntries(others), ...own } };
}

function resultOf(answer: PostAnswer, nowMs: number): DeliveryResult {
  if (answer.kind === "none") {
    const { say: error, isTransient, mayHaveArrived } = answer;
    const failure = (isTransient ? transient : terminal)(error);
    return mayHaveArrived ? { ...failure, mayHaveArrived } : failure;
  }
  const { status, retryAfter } = answer;
  if (status >= 200 && status <= 299) return { ok: true };
  if (status >= 300 && status <= 399)
    return terminal(`HTTP ${status}: the address redirects; set webhook.url to where it leads`);
  if (status !== 429 && status < 500) return terminal(`HTTP ${status}`);
  return transient(`HTTP ${status}`, retryAfterMs({ header: retryAfter ?? null }, nowMs));
}
