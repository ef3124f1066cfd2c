import type { OutboundContext } from "../adapter.ts";

/** Where a message goes, as the Bot API names it. */
export interface Place {
  readonly chatId: string;
  readonly other: {
    readonly reply_to_message_id?: number;
    readonly allow_sending_without_reply?: true;
    readonly message_thread_id?: number;
  };
}

/** Pure. @returns the place, or what is wrong with it, for the sender */
export function placeOf({ to, replyToId, threadId }: OutboundContext): Place | string {
  const chatId = to.trim();
  if (!/^(?:-?\d{1,19}|@\w{1,64})$/.test(chatId))
    return "Telegram: a chat is a number, as 123456789 or -1001234567890, or the @name of a public channel";
  const reply = replyToId === undefined ? undefined : idOf(replyToId);
  const thread = threadId === undefined ? undefined : idOf(threadId);
  if (replyToId !== undefined && reply === undefined)
    return "Telegram: the message replied to must be a number";
  if (threadId !== undefined && thread === undefined) return "Telegram: the thread must be a number";
  return {
    chatId,
    other: {
      // A message that has been deleted meanwhile is no reason to hold the answer back.
      ...(reply === undefined ? {} : { reply_to_message_id: reply, allow_sending_without_reply: true }),
      ...(thread === undefined ? {} : { message_thread_id: thread }),
    },
  };
}

function idOf(text: string): number | undefined {
  const id = /^\s*\d{1,16}\s*$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(id) ? id : undefined;
}
