import type { BodyRoom } from "./body-room.ts";
import { familyWords } from "./families.ts";
import type { BodyOutcome, Route } from "./route.ts";

/** How long a body may take, in ms. */
export interface BodyTimes {
  readonly wholeMs: number;
  /** Without a single byte. */
  readonly pauseMs: number;
}

export const usualBodyTimes: BodyTimes = { wholeMs: 30_000, pauseMs: 10_000 };

/**
 * Reads a request's body within the route's limit and the time for it. The length that is said counts first, then what
 * really comes. Never throws.
 */
export async function readBody(
  request: Request,
  { family, maxBodyBytes = 0 }: Pick<Route, "family" | "maxBodyBytes">,
  limits: BodyTimes & {
    /** For a sender who has not proved who he is. */
    readonly room?: BodyRoom | undefined;
  },
): Promise<BodyOutcome> {
  const words = familyWords[family];
  if (Number(request.headers.get("content-length") ?? 0) > maxBodyBytes) {
    return { ok: false, response: words.tooLarge() };
  }
  const read =
    request.body === null ? [] : await chunksOf(request.body, { maxBytes: maxBodyBytes, ...limits });
  if (read === "too_large") return { ok: false, response: words.tooLarge() };
  // Whoever hung up does not hear it; who was too slow does.
  if (read === "too_slow") return { ok: false, response: hangUp(words.timedOut()) };
  const bytes = Buffer.concat(read);
  return { ok: true, bytes, text: () => bytes.toString("utf8") };
}

interface BodyLimits extends BodyTimes {
  readonly maxBytes: number;
  readonly room?: BodyRoom | undefined;
}

async function chunksOf(
  body: ReadableStream<Uint8Array>,
  { maxBytes, room, wholeMs, pauseMs }: BodyLimits,
): Promise<Uint8Array[] | "too_large" | "too_slow"> {
  const reader = body.getReader();
  const late = Promise.withResolvers<"too_slow">();
  const giveUp = () => late.resolve("too_slow");
  const whole = setTimeout(giveUp, wholeMs);
  let pause = setTimeout(giveUp, pauseMs);
  const place = room?.enter(giveUp);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), late.promise]);
      if (next === "too_slow") {
        free(chunks);
        return next;
      }
      if (next.done) return chunks;
      size += next.value.length;
      if (size > maxBytes) return "too_large";
      chunks.push(next.value);
      place?.grew(next.value.length);
      clearTimeout(pause);
      pause = setTimeout(giveUp, pauseMs);
    }
  } catch {
    // The connection broke in the middle.
    return "too_slow";
  } finally {
    clearTimeout(whole);
    clearTimeout(pause);
    place?.leave();
    // Not awaited: the rest may never come.
    reader.cancel().catch(() => undefined);
  }
}

function hangUp(response: Response): Response {
  response.headers.set("Connection", "close");
  return response;
}

/** Gives the memory back at once: nobody knows when what is only let go of is collected. */
function free(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
  }
}
