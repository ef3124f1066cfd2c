import { type AddressPolicy, type FetchOptions, type GuardedResponse, guardedFetch } from "@carapace/fetch";
import { isTrusted, mixOrigins, type Origin } from "@carapace/protocol";
import { z } from "zod";
import { cutBytes } from "../sanitize/redact.ts";
import { failure, steered } from "../tools/define-tool.ts";
import type { ToolContext, ToolOutput } from "../types.ts";
import { ownersWordsHold } from "./owners-words.ts";
import { decodeText, isText, withoutControls } from "./page-text.ts";
import { readableText } from "./readable-text.ts";

export interface PageRequest {
  readonly url: string;
  readonly max_bytes?: number | undefined;
}

const defaultBytes = 1024 * 1024;
/** Below the loop's own cap, so that the result stays whole JSON even where its characters are escaped. */
const maxContentBytes = 32 * 1024;

/**
 * Fetches a page for the model. Where anything untrusted could have steered the call, only a URL that stands in the
 * owner's own words is asked for: any other could carry what the model knows to whoever wrote that text.
 * @param world how URLs are fetched where it is not the way of the real world
 */
export async function fetchPage(
  { url, max_bytes: maxBytes = defaultBytes }: PageRequest,
  context: ToolContext,
  world: Pick<FetchOptions, "allowPrivate" | "certificateAuthorities" | "resolve"> = {},
): Promise<ToolOutput> {
  const isSteered = !context.steeredBy.every(isTrusted);
  if (isSteered && !(await ownersWordsHold(url, context)))
    return failure(notTheOwnersWish, steered(context, "web_fetch"));
  const { signal } = context;
  const options = { ...addressPolicy(context.config()), ...world, maxBytes, signal, redirects: 3 } as const;
  const answer = await guardedFetch(url, options);
  if (!answer.ok) return failure(answer.say, steered(context, "web_fetch"));
  return page(answer.value, context.steeredBy);
}

const notTheOwnersWish =
  "Nothing was fetched: this conversation holds text that is not the owner's (of a page, a file or another person), " +
  "which may have chosen this URL. The owner can write the whole URL in this conversation, or ask for the page in a new one.";

async function page(answer: GuardedResponse, steeredBy: readonly Origin[]): Promise<ToolOutput> {
  const type = answer.headers.get("content-type") ?? "";
  const origin = mixOrigins("web", steeredBy, new URL(answer.url).host.slice(0, 255));
  if (answer.bytes.length > 0 && !isText(type))
    return { value: `The URL leads to no text, but to ${shortType(type)}.`, isError: true, origin };
  const raw = decodeText(answer.bytes, type);
  const text = /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(type)
    ? readableText(raw, answer.url)
    : raw;
  const clean = withoutControls(text);
  const content = cutBytes(clean, maxContentBytes);
  const omitted = Buffer.byteLength(clean) - Buffer.byteLength(content);
  const value = {
    content,
    status: answer.status,
    content_type: shortType(type),
    ...(omitted > 0 ? { omitted_bytes: omitted } : {}),
  };
  const isError = answer.status < 200 || answer.status > 299;
  return { value, ...(isError ? { isError } : {}), origin };
}

function shortType(type: string): string {
  return withoutControls(type).slice(0, 200);
}

const sandbox = z.object({
  allow_tailscale: z.boolean().default(false),
  blocked_cidrs: z.array(z.string()).default([]),
});
const Settings = z.object({ plugins: z.object({ sandbox: sandbox.prefault({}) }).prefault({}) });

/** What the configuration says about addresses. @throws what cannot be read, rather than to go without */
function addressPolicy(config: unknown): AddressPolicy {
  const { allow_tailscale, blocked_cidrs } = Settings.parse(config).plugins.sandbox;
  return { allowTailscale: allow_tailscale, blockedCidrs: blocked_cidrs };
}
