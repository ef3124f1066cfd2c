import { z } from "zod";
import { vendorApi } from "../http/base-url.ts";
import { jsonOf } from "../http/json-of.ts";
import type { Said } from "../http/judge-answer.ts";
import type { VendorAnswer } from "../http/vendor-request.ts";

export const discordRoot = "https://discord.com/api/v10";

export const findDiscord = (baseUrl: string) =>
  vendorApi(baseUrl, { vendor: discordRoot, name: "discord.baseUrl" });

/** What the REST API says of a request that it did not carry out; a message, and of a 429 how long to wait, in seconds. */
const Refused = z.object({ message: z.string(), retry_after: z.number().optional() });

/** Pure. Reads an answer; what is none of Discord's API says nothing. */
export function readDiscord(answer: VendorAnswer): Said & { readonly result?: unknown } {
  const nothing = { isVendors: false, isDone: false };
  if (answer.kind === "none") return nothing;
  const body = jsonOf(answer.bytes);
  if (answer.status >= 200 && answer.status <= 299)
    return { isVendors: true, isDone: typeof body === "object" && body !== null, result: body };
  const read = Refused.safeParse(body);
  if (!read.success) return nothing;
  const { message, retry_after: retryAfterSeconds } = read.data;
  return { isVendors: true, isDone: false, sentence: message, retryAfterSeconds };
}
