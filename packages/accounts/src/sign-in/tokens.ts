import { Secret } from "@carapace/config";
import { z } from "zod";
import { type AskOptions, type AskRefusal, ask } from "./ask.ts";
import type { OAuthClient } from "./types.ts";

/** What a token server gave (RFC 6749 §5.1). */
export interface GivenTokens {
  readonly accessToken: Secret;
  /** Absent in a renewal: the old one stays good. */
  readonly refreshToken?: Secret;
  readonly idToken?: Secret;
  readonly expiresAtMs?: number;
  readonly scope?: string;
}

const yearSeconds = 365 * 24 * 3600;
/** What can stand in a header. */
const token = z.string().regex(/^[\x21-\x7e]{1,16384}$/);
const Answer = z.object({
  access_token: token,
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .nullish(),
  // What goes with a good token must not lose it: the one before it may be dead by now.
  refresh_token: token.nullish().or(z.literal("")),
  id_token: token.nullish().catch(undefined),
  expires_in: z.coerce.number().finite().nonnegative().nullish().catch(undefined),
  scope: z.string().max(4096).nullish().catch(undefined),
});

/** What is asked for, and of whom. */
export interface TokenRequest extends Pick<AskOptions, "label" | "signal"> {
  readonly endpoint: string;
  readonly client: OAuthClient;
  /** The parameters of the grant (RFC 6749 §4.1.3, §6). */
  readonly grant: Readonly<Record<string, string>>;
  readonly nowMs: () => number;
}

/** Exchanges a code or a refresh token. A life of more than a year counts as one. */
export async function askForTokens(
  request: TokenRequest,
): Promise<{ readonly ok: true; readonly value: GivenTokens } | AskRefusal> {
  const { endpoint, client, grant, nowMs, label, signal } = request;
  const form = new URLSearchParams({ ...grant, client_id: client.id });
  if (client.secret !== undefined) form.set("client_secret", client.secret.reveal());
  const answer = await ask(endpoint, {
    ...{ method: "POST", body: form.toString(), label, signal },
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  if (!answer.ok) return answer;
  const read = Answer.safeParse(answer.value);
  if (!read.success) {
    const say = `${label} answered, but with no token this version understands: try again later`;
    return { ok: false, code: "unavailable", say, details: { reason: "unreachable" } };
  }
  return { ok: true, value: given(read.data, nowMs()) };
}

function given(answer: z.output<typeof Answer>, nowMs: number): GivenTokens {
  const { access_token, refresh_token, id_token, expires_in, scope } = answer;
  return {
    accessToken: new Secret(access_token),
    ...(refresh_token ? { refreshToken: new Secret(refresh_token) } : {}),
    ...(id_token ? { idToken: new Secret(id_token) } : {}),
    ...(typeof expires_in === "number"
      ? { expiresAtMs: nowMs + Math.floor(Math.min(expires_in, yearSeconds) * 1000) }
      : {}),
    ...(scope ? { scope } : {}),
  };
}
