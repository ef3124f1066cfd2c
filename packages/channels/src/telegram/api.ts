import { parseJson } from "@carapace/protocol";
import { z } from "zod";
import type { Said } from "../http/judge-answer.ts";
import { vendorApi } from "../http/vendor-api.ts";
import type { VendorAnswer } from "../http/vendor-request.ts";

export const telegramRoot = "https://api.telegram.org";

export const findTelegram = (baseUrl: string) =>
  vendorApi(baseUrl, { vendor: telegramRoot, name: "telegram.baseUrl" });

/** Every answer of the Bot API (https://core.telegram.org/bots/api#making-requests). */
const Answer = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({
    ok: z.literal(false),
    description: z.string().optional(),
    parameters: z
      .object({ retry_after: z.number().optional(), migrate_to_chat_id: z.number().optional() })
      .optional(),
  }),
]);

/** Pure. Reads an answer; what is none of the Bot API's says nothing. */
export function readTelegram(answer: VendorAnswer): Said & { readonly result?: unknown } {
  const nothing = { isVendors: false, isDone: false };
  if (answer.kind === "none") return nothing;
  const read = Answer.safeParse(parseJson(new TextDecoder().decode(answer.bytes)));
  if (!read.success) return nothing;
  if (read.data.ok) return { isVendors: true, isDone: true, result: read.data.result };
  const { description, parameters } = read.data;
  const moved = parameters?.migrate_to_chat_id;
  const sentence =
    moved === undefined
      ? description
      : `${description ?? "the group has moved"}; write to ${moved} from now on`;
  return { isVendors: true, isDone: false, sentence, retryAfterSeconds: parameters?.retry_after };
}
