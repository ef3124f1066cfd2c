import type { OutboxMessage, OutboxPart, OutboxRepository } from "@carapace/state";
import type { Channel, DeliveryResult, OutboundContext } from "../adapter.ts";
import type { OutboxLog } from "./types.ts";

export interface AttemptDeps {
  readonly repository: Pick<OutboxRepository, "save">;
  readonly log: Pick<OutboxLog, "error">;
  readonly nowMs: () => number;
  readonly timeoutMs: number;
  /** Of a part with media. */
  readonly mediaTimeoutMs: number;
}

/** How far an attempt came: the message with the parts that went out, and what became of the last one tried. */
export interface Attempted {
  readonly message: OutboxMessage;
  readonly result: DeliveryResult;
}

/** Sends what is left of a message, part by part, and stores how far it came. Never rejects but for a failing store. */
export async function attempt(
  message: OutboxMessage,
  channel: Channel,
  { deps, signal }: { readonly deps: AttemptDeps; readonly signal: AbortSignal },
): Promise<Attempted> {
  let current = message;
  for (;;) {
    const part = current.parts[current.partsSent];
    if (part === undefined) return { message: current, result: { ok: true } };
    const result = await sendPart(part, current, { channel, deps, signal });
    const isLast = current.partsSent === current.parts.length - 1;
    if (!result.ok || isLast) return { message: current, result };
    // What is known of this part says nothing of the next one, which has all attempts before it.
    const { uncertainSinceMs: _, ...rest } = current;
    current = { ...rest, partsSent: current.partsSent + 1, attempts: 1, updatedAtMs: deps.nowMs() };
    await deps.repository.save(current);
  }
}

interface Sending {
  readonly channel: Channel;
  readonly deps: AttemptDeps;
  readonly signal: AbortSignal;
}

async function sendPart(
  part: OutboxPart,
  message: OutboxMessage,
  { channel, deps, signal }: Sending,
): Promise<DeliveryResult> {
  const limit = limited(signal, part.type === "media" ? deps.mediaTimeoutMs : deps.timeoutMs);
  const context = contextOf(part, message);
  try {
    const sent =
      part.type === "media"
        ? channel.sendMedia(context, limit.signal)
        : channel.sendText(context, limit.signal);
    // A channel that does not listen to its signal must not hold up the queue.
    return await Promise.race([sent, limit.over]);
  } catch (error) {
    const where = { channel: message.channel, id: message.id };
    deps.log.error("a channel failed while it sent a message", { ...where, error });
    const say = "the channel failed; the log says why";
    return { ok: false, error: say, retryability: { kind: "terminal" }, mayHaveArrived: true };
  } finally {
    limit.clear();
  }
}

function contextOf(part: OutboxPart, message: OutboxMessage): OutboundContext {
  const { to, replyTo, threadId, id, parts, partsSent } = message;
  const where = {
    to,
    // What follows the first part of a reply need not quote the message again.
    ...(replyTo === undefined || partsSent > 0 ? {} : { replyToId: replyTo }),
    ...(threadId === undefined ? {} : { threadId }),
    idempotencyKey: parts.length === 1 ? id : `${id}:${partsSent + 1}`,
  };
  // Half a character, which a model may write, is no text: vendors refuse the whole message for it.
  if (part.type === "text") return { ...where, text: part.text.toWellFormed() };
  const { caption = "", mediaRef, mimeType } = part;
  return {
    ...where,
    text: caption.toWellFormed(),
    mediaUrl: mediaRef,
    ...(mimeType === undefined ? {} : { mimeType }),
  };
}

/** What a channel says of the end of its time is better than what can be said of it here: it gets a moment. */
const lastWordMs = 200;

const tooLate: DeliveryResult = {
  ok: false,
  error: "the channel did not answer in time",
  retryability: { kind: "transient" },
  mayHaveArrived: true,
};

/** A signal for one part, and what came of it if the channel lets it pass. */
function limited(signal: AbortSignal, timeoutMs: number) {
  const controller = new AbortController();
  const { promise: over, resolve } = Promise.withResolvers<DeliveryResult>();
  let timer = setTimeout(stop, timeoutMs);
  function stop() {
    clearTimeout(timer);
    controller.abort();
    timer = setTimeout(() => resolve(tooLate), lastWordMs);
  }
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  return {
    signal: controller.signal,
    over,
    clear() {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    },
  };
}
