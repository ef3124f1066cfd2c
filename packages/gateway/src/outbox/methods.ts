import type { ChannelRegistry } from "@carapace/channels";
import { type MethodParams, ok, type Result, refuse } from "@carapace/protocol";
import type { OutboxMessage } from "@carapace/state";
import { actorOf } from "../audit/actor.ts";
import { definedOnly } from "../defined-only.ts";
import type { Services } from "../methods/services.ts";
import type { Answer, MethodCall, MethodHandlers } from "../types.ts";
import { keyOf } from "./replies.ts";
import { channelView, messageView } from "./view.ts";

type Handled =
  | "channels.status"
  | "channels.logout"
  | "send"
  | "outbox.list"
  | "outbox.retry"
  | "outbox.drop";
type OutboxServices = Pick<Services, "channels" | "outbox" | "state" | "world">;

/** Channels, and messages on their way out (websocket.md §12.1, §12.2; docs/deliver-messages.md). */
export function outboxHandlers(services: OutboxServices): Pick<MethodHandlers, Handled> {
  const { channels, state, world } = services;
  return {
    "channels.status": () =>
      ok({ ...channels.counts(), channels: channels.views().map(channelView), ts: world.nowMs() }),
    "channels.logout": (call) => logout(call, services),
    send: (call) => send(call, services),
    async "outbox.list"({ params }) {
      const [messages, counts] = await Promise.all([listed(params, state), state.outbox.counts()]);
      const none = { queued: 0, sending: 0, sent: 0, failed: 0, cancelled: 0, expired: 0 };
      return ok({
        messages: messages.map((message) => messageView(message, channels.views())),
        counts: { ...none, ...Object.fromEntries(counts) },
      });
    },
    "outbox.retry": (call) =>
      change(call, { ...services, event: "message_retried", act: services.outbox.retry }),
    "outbox.drop": (call) =>
      change(call, { ...services, event: "message_dropped", act: services.outbox.drop }),
  };
}

async function listed(
  { id, status, channel, limit }: MethodParams<"outbox.list">,
  { outbox }: OutboxServices["state"],
): Promise<OutboxMessage[]> {
  if (id === undefined) return await outbox.list(definedOnly({ status, channel, limit }));
  const found = await outbox.find(id);
  return found === undefined ? [] : [found];
}

async function logout(
  { params, connection }: MethodCall<"channels.logout">,
  { channels, state }: OutboxServices,
): Answer<"channels.logout"> {
  const channel = (params.channel ?? params.channelId)?.toLowerCase();
  if (channel === undefined) return refuse("invalid_request", "channel is required");
  if (channels.find(channel) === undefined) return refuse("not_found", "unknown channel", { channel });
  await state.audit.append({ actor: actorOf(connection), event: "channel_logged_out", data: { channel } });
  await channels.logout(channel);
  return ok({ ok: true, channel });
}

async function send(
  { params, connection }: MethodCall<"send">,
  { channels, outbox, state, world }: OutboxServices,
): Answer<"send"> {
  const channel = channelFor(params, channels);
  if (!channel.ok) return channel;
  const idempotencyKey = keyOf(`send:${params.idempotencyKey}`);
  const known = await state.outbox.findByKey(idempotencyKey, world.nowMs());
  const queued = await outbox.enqueue({
    channel: channel.value,
    to: params.to,
    parts: [{ type: "text", text: params.message }],
    source: { kind: "send", id: params.idempotencyKey },
    idempotencyKey,
  });
  if (!queued.ok) return { ...queued, say: `queue failed: ${queued.say}` };
  const { id: messageId, receipt } = queued.value;
  const data = { message_id: messageId, channel: queued.value.channel };
  if (known === undefined)
    await state.audit.append({ actor: actorOf(connection), event: "message_queued", data });
  const { conversationId } = receipt ?? {};
  const where = conversationId === undefined ? {} : { conversationId };
  return ok({ runId: params.idempotencyKey, messageId, channel: queued.value.channel, ...where });
}

/** The one it names; without a name, the only one that leads out of this machine's log. */
function channelFor({ channel }: MethodParams<"send">, channels: ChannelRegistry): Result<string> {
  const named = channel?.toLowerCase() ?? "default";
  if (named !== "default") return ok(named);
  const outward = [...channels.ids()].filter((id) => id !== "console");
  const [only] = outward;
  if (only !== undefined && outward.length === 1) return ok(only);
  const say =
    only === undefined
      ? 'queue failed: no channel "default" is set up'
      : `queue failed: several channels are set up, say which: ${outward.join(", ")}`;
  return refuse("unavailable", say);
}

interface Change extends OutboxServices {
  readonly event: "message_retried" | "message_dropped";
  readonly act: OutboxServices["outbox"]["retry"];
}

async function change(
  { params, connection }: MethodCall<"outbox.retry" | "outbox.drop">,
  { event, act, state, channels }: Change,
): Answer<"outbox.retry"> {
  const done = await act(params.id);
  if (!done.ok) return done;
  const { id, channel } = done.value;
  await state.audit.append({ actor: actorOf(connection), event, data: { message_id: id, channel } });
  return ok({ ok: true, message: messageView(done.value, channels.views()) });
}
