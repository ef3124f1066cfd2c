import { createHash } from "node:crypto";
import { type ChannelRegistry, defaultAttempts, type Outbox } from "@carapace/channels";
import type { NewOutboxMessage, Run, RunEnd, Session } from "@carapace/state";
import type { Log } from "../log/log.ts";
import type { RunDelivery, RunOptions } from "../runs/types.ts";

/** What a run's end puts into the outbox, in the same transaction (channels.md §1.9). */
export interface RunReply {
  /** @returns undefined for an end that nobody is told: a failed one, one without words, one that its receiver may not hear */
  of(end: RunEnd): Promise<RunEnd["outgoing"]>;
  /** It is stored: from now on it is carried. */
  stored(id: string): void;
}

/** Finds out where the reply of a run goes; undefined if it stays in its conversation. */
export type Replies = (
  run: Pick<Run, "id">,
  options: RunOptions,
  session: Session | undefined,
) => RunReply | undefined;

export interface RepliesDeps {
  readonly outbox: Pick<Outbox, "carry">;
  readonly channels: Pick<ChannelRegistry, "find">;
  /** Whether what a run says may be told to whoever asked for it. */
  readonly mayHear: (runId: string) => Promise<boolean>;
  readonly newId: () => string;
  readonly log: Pick<Log, "error" | "warn">;
}

const maxKeyChars = 255;
const withheld =
  "a reply stays in its conversation: it may hold what is the owner's, and the caller of a hook chose who gets it; " +
  "name the receiver in a mapping (gateway.hooks.mappings), or write to it once yourself";

export function createReplies({ outbox, channels, mayHear, newId, log }: RepliesDeps): Replies {
  return (run, options, session) => {
    const delivery = options.delivery ?? sessionDelivery(run, options, { session, channels });
    if (delivery === undefined || delivery.to.trim() === "") return undefined;
    return {
      async of({ status, response = "" }) {
        if (status !== "completed" || response.trim() === "") return undefined;
        if (delivery.isStrangersChoice && !(await mayHear(run.id))) {
          log.warn(withheld, { runId: run.id, channel: delivery.channel });
          return undefined;
        }
        return { id: newId(), message: messageOf(delivery, response) };
      },
      stored(id) {
        outbox.carry(id).catch((error: unknown) => {
          log.error("a reply waits for the next start: it could not be read back", { id, error });
        });
      },
    };
  };
}

interface Known {
  readonly session: Session | undefined;
  readonly channels: RepliesDeps["channels"];
}

/** Whoever asked for `deliver` means the chat that the conversation belongs to (agent.md §6.3). */
function sessionDelivery(
  run: Pick<Run, "id">,
  { deliver }: RunOptions,
  { session, channels }: Known,
): RunDelivery | undefined {
  const { channel, chatId } = session?.metadata ?? {};
  if (deliver !== true || channel === undefined || chatId === undefined) return undefined;
  const known = channels.find(channel);
  return {
    channel,
    to: chatId,
    maxAttempts: known === undefined ? 1 : defaultAttempts(known),
    idempotencyKey: keyOf(`run:${run.id}`),
    source: { kind: "run", id: run.id },
  };
}

function messageOf(delivery: RunDelivery, text: string): NewOutboxMessage {
  const { channel, to, maxAttempts, idempotencyKey, source } = delivery;
  return {
    channel,
    to,
    maxAttempts,
    idempotencyKey: keyOf(idempotencyKey),
    source,
    parts: [{ type: "text", text }],
  };
}

/** A key as it is, or what stands for one that is too long. */
export function keyOf(key: string): string {
  if (key.length <= maxKeyChars) return key;
  const [kind = ""] = key.split(":", 1);
  return `${kind.slice(0, 32)}:sha256:${createHash("sha256").update(key).digest("hex")}`;
}
