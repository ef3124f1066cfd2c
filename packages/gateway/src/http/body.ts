import { familyWords } from "./families.ts";
import type { BodyOutcome, Route } from "./route.ts";

/** Reads a request's body within the route's limit: the said length first, then what really comes. */
export async function readBody(
  request: Request,
  { family, maxBodyBytes = 0 }: Pick<Route, "family" | "maxBodyBytes">,
): Promise<BodyOutcome> {
  const words = familyWords[family];
  if (Number(request.headers.get("content-length") ?? 0) > maxBodyBytes) {
    return { ok: false, response: words.tooLarge() };
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > maxBodyBytes) return { ok: false, response: words.tooLarge() };
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  return { ok: true, bytes, text: () => bytes.toString("utf8") };
}
