import { parseJson } from "@carapace/protocol";
import { z } from "zod";
import type { Said } from "../http/judge-answer.ts";
import { vendorApi } from "../http/vendor-api.ts";
import type { VendorAnswer } from "../http/vendor-request.ts";

export const discordRoot = "https://discord.com/api/v10";

export const findDiscord = (baseUrl: string) =>
  vendorApi(baseUrl, { vendor: discordRoot, name: "discord.baseUrl" });

/** What the REST API says of a request that it did not carry out; of a 429 how long to wait, in seconds. */
const Refused = z.object({
  message: z.string(),
  retry_after: z.number().optional(),
  errors: z.unknown().optional(),
});
const Detail = z.object({ _errors: z.tuple([z.object({ message: z.string() })], z.unknown()) });

/** How deep a form of Discord's is nested, and some more. */
const maxDepth = 8;

/** Pure. Reads an answer; what is none of Discord's API says nothing. */
export function readDiscord(answer: VendorAnswer): Said & { readonly result?: unknown } {
  const nothing = { isVendors: false, isDone: false };
  if (answer.kind === "none") return nothing;
  const body = parseJson(new TextDecoder().decode(answer.bytes));
  if (answer.status >= 200 && answer.status <= 299)
    return { isVendors: true, isDone: typeof body === "object" && body !== null, result: body };
  const read = Refused.safeParse(body);
  if (!read.success) return nothing;
  const { message, retry_after: retryAfterSeconds, errors } = read.data;
  const detail = firstDetail(errors);
  const sentence = detail === undefined ? message : `${message}: ${detail}`;
  return { isVendors: true, isDone: false, sentence, retryAfterSeconds };
}

/** The first of what is wrong with a form, with the field that it is wrong with. */
function firstDetail(errors: unknown, path = "", depth = 0): string | undefined {
  if (typeof errors !== "object" || errors === null || depth > maxDepth) return undefined;
  const own = Detail.safeParse(errors);
  if (own.success) return `${path} ${own.data._errors[0].message}`.trim();
  for (const [name, inner] of Object.entries(errors)) {
    const found = firstDetail(inner, path === "" ? name : `${path}.${name}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
