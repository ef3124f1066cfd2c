import type { Secret } from "@carapace/config";
import { isRecord, parseJson } from "@carapace/protocol";

/** Who signed in, as far as their provider tells. */
export interface Who {
  readonly userId?: string;
  readonly email?: string;
  readonly displayName?: string;
  readonly avatarUrl?: string;
  /** Of an OpenAI sign-in: whose subscription pays. */
  readonly accountId?: string;
}

const openaiClaim = "https://api.openai.com/auth";
const openaiProfile = "https://api.openai.com/profile";

/**
 * The claims in the middle of a token (RFC 7519). Its signature is not checked: it came from its provider itself, and
 * only names are taken from it. @returns none for what is no such token
 */
export function claimsOf(token: Secret | undefined): Readonly<Record<string, unknown>> {
  const middle = token?.reveal().split(".")[1];
  const claims = parseJson(Buffer.from(middle ?? "", "base64url").toString("utf8"));
  return isRecord(claims) ? claims : {};
}

/** `chatgpt_account_id`, which a request has to name (agent.md §4.2 *Fix*). */
export function accountIdOf(token: Secret | undefined): string | undefined {
  const auth = claimsOf(token)[openaiClaim];
  const id = isRecord(auth) ? auth["chatgpt_account_id"] : undefined;
  return typeof id === "string" && /^[\x21-\x7e]{1,128}$/.test(id) ? id : undefined;
}

/** Who an OpenAI sign-in is of (agent.md §15): the access token's own claims, then the id token's. */
export function openaiWho(accessToken: Secret, idToken: Secret | undefined): Who {
  const [access, id] = [claimsOf(accessToken), claimsOf(idToken)];
  const auth = isRecord(access[openaiClaim]) ? access[openaiClaim] : {};
  const profile = isRecord(access[openaiProfile]) ? access[openaiProfile] : {};
  const accountId = accountIdOf(accessToken) ?? accountIdOf(idToken);
  const userId = firstText(
    ...[auth["user_id"], auth["chatgpt_user_id"], auth["chatgpt_account_user_id"]],
    ...[access["sub"], id["sub"]],
  );
  return whoOf({
    userId,
    email: firstText(id["email"], profile["email"], access["email"]),
    displayName: firstText(id["name"], access["name"]),
    accountId,
  });
}

/** Who an OpenID provider says it is (OpenID Connect §5.1). */
export function openidWho(claims: Readonly<Record<string, unknown>>): Who {
  return whoOf({
    userId: firstText(claims["sub"]),
    email: firstText(claims["email"]),
    displayName: firstText(claims["name"]),
    avatarUrl: firstText(claims["picture"]),
  });
}

/** Shown to people and written to a file: no control or direction characters, no end of it either. */
function firstText(...values: readonly unknown[]): string | undefined {
  for (const value of values) {
    if (typeof value !== "string") continue;
    const text = value.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, "").trim();
    if (text !== "" && text.length <= 512) return text;
  }
  return undefined;
}

function whoOf(found: Partial<Record<keyof Who, string | undefined>>): Who {
  const { userId, email, displayName, avatarUrl, accountId } = found;
  return {
    ...(userId === undefined ? {} : { userId }),
    ...(email === undefined ? {} : { email }),
    ...(displayName === undefined ? {} : { displayName }),
    ...(avatarUrl === undefined ? {} : { avatarUrl }),
    ...(accountId === undefined ? {} : { accountId }),
  };
}
