import { parseJson, version } from "@carapace/protocol";
import { z } from "zod";
import type { BotVendor } from "../http/bot-vendor.ts";

export const discordVendor: BotVendor = {
  id: "discord",
  label: "Discord",
  isTokenShaped: (token) => /^[\w.-]{1,255}$/.test(token),
  notAToken:
    "Discord: that is not a bot token: it has letters, digits, dots and dashes only (Developer Portal, Bot, Reset Token); write it with cara secrets set discord.botToken",
  whoAmI: (root, token) => ({
    url: `${root}/users/@me`,
    headers: { authorization: `Bot ${token}`, "user-agent": `DiscordBot (carapace, ${version})` },
  }),
  botIn(result) {
    const user = User.safeParse(result);
    return user.success ? { id: user.data.id, name: user.data.username } : undefined;
  },
  read: readDiscord,
};

const User = z.object({ id: z.string().regex(/^\d{1,20}$/), username: z.string() });

/** What the REST API says of a request that it did not carry out; of a 429 how long to wait, in seconds. */
const Refused = z.object({
  message: z.string(),
  retry_after: z.number().optional(),
  errors: z.unknown().optional(),
});
const Detail = z.object({ _errors: z.tuple([z.object({ message: z.string() })], z.unknown()) });

/** How deep a form of Discord's is nested, and some more. */
const maxDepth = 8;

function readDiscord(answer: Parameters<BotVendor["read"]>[0]): ReturnType<BotVendor["read"]> {
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
