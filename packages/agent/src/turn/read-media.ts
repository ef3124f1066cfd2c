import type { ModelMessage, TurnDeps } from "../types.ts";

/** Of all media that go with one model call; the newest come first. Vendors take about as much in one request. */
const maxBytes = 20 * 1024 * 1024;

/** The bytes of the media in some messages, by id, as far as they are kept and not too many. */
export async function readMedia(
  messages: readonly ModelMessage[],
  { readMedia: read }: Pick<TurnDeps, "readMedia">,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const media = new Map<string, Uint8Array>();
  let total = 0;
  for (const block of messages.flatMap(({ blocks }) => blocks).toReversed()) {
    if (block.type !== "media" || media.has(block.mediaId)) continue;
    const bytes = await read?.(block.mediaId);
    if (bytes === undefined) continue;
    total += bytes.length;
    if (total > maxBytes) break;
    media.set(block.mediaId, bytes);
  }
  return media;
}
