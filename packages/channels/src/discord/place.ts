import type { OutboundContext } from "../adapter.ts";

/** Where a message goes, as the REST API names it. */
export interface Place {
  readonly channelId: string;
  readonly message_reference?: { readonly message_id: string; readonly fail_if_not_exists: false };
}

/** Pure. A thread is a channel of its own. @returns the place, or what is wrong with it, for the sender */
export function placeOf({ to, replyToId, threadId }: OutboundContext): Place | string {
  const channelId = idOf(threadId ?? to);
  const reply = replyToId === undefined ? undefined : idOf(replyToId);
  if (channelId === undefined)
    return "Discord: a channel is a number of 17 digits or more: copy its id from Discord, with developer mode on";
  if (replyToId === undefined) return { channelId };
  if (reply === undefined) return "Discord: the message replied to must be a number";
  // A message that has been deleted meanwhile is no reason to hold the answer back.
  return { channelId, message_reference: { message_id: reply, fail_if_not_exists: false } };
}

/** It stands in the path of the request: nothing that could lead elsewhere does. */
function idOf(text: string): string | undefined {
  const id = text.trim();
  return /^\d{1,20}$/.test(id) ? id : undefined;
}
