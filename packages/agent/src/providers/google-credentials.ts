import { createSign } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { isRecord, parseJson } from "@carapace/protocol";
import { z } from "zod";
import { getAnswer } from "./transport.ts";

/** A file of Google's "application default credentials", as far as it is used here; unknown fields pass. */
const Credentials = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("service_account"),
    client_email: z.string().min(1),
    private_key: z.string().includes("PRIVATE KEY"),
    private_key_id: z.string().optional(),
  }),
  z.object({
    type: z.literal("authorized_user"),
    client_id: z.string().min(1),
    client_secret: z.string().min(1),
    refresh_token: z.string().min(1),
  }),
]);
type Credentials = z.infer<typeof Credentials>;

/** Google's own; what the file says of it is not asked: it could lead the key anywhere. */
const tokenServer = "https://oauth2.googleapis.com/token";
const scope = "https://www.googleapis.com/auth/cloud-platform";
const maxFileBytes = 64 * 1024;
const timeoutMs = 10_000;
const assertionSeconds = 3600;

/** What the token server answered; or why there is no answer: no credentials to read, or none that it takes. */
export type FileToken =
  | { readonly ok: true; readonly body: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly why: "unreadable" | "unknown_kind" | "refused" };

/**
 * Trades the credentials of a file for a token: a service account's, or those of `gcloud auth application-default login`.
 * Never throws.
 * @param tokenUrl Instead of Google's token server.
 */
export async function tokenOfFile(path: string, nowMs: number, tokenUrl = tokenServer): Promise<FileToken> {
  const text = await readSmall(path);
  if (text === undefined) return { ok: false, why: "unreadable" };
  const read = Credentials.safeParse(parseJson(text));
  if (!read.success) return { ok: false, why: "unknown_kind" };
  try {
    const form = formOf(read.data, { nowMs, tokenUrl });
    const { body } = await getAnswer(tokenUrl, { headers: {}, form, timeoutMs });
    return isRecord(body) ? { ok: true, body } : { ok: false, why: "refused" };
  } catch {
    return { ok: false, why: "refused" };
  }
}

async function readSmall(path: string): Promise<string | undefined> {
  try {
    const facts = await stat(path);
    return facts.isFile() && facts.size <= maxFileBytes ? await readFile(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

function formOf(
  credentials: Credentials,
  when: { readonly nowMs: number; readonly tokenUrl: string },
): Record<string, string> {
  if (credentials.type === "authorized_user") {
    const { client_id, client_secret, refresh_token } = credentials;
    return { grant_type: "refresh_token", client_id, client_secret, refresh_token };
  }
  const assertion = signedClaim(credentials, when);
  return { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
}

/** The claim of a service account to be itself, signed with RS256 (RFC 7523). */
function signedClaim(
  account: Extract<Credentials, { type: "service_account" }>,
  { nowMs, tokenUrl }: { readonly nowMs: number; readonly tokenUrl: string },
): string {
  const iat = Math.floor(nowMs / 1000);
  const head = { alg: "RS256", typ: "JWT", kid: account.private_key_id };
  const claim = { iss: account.client_email, scope, aud: tokenUrl, iat, exp: iat + assertionSeconds };
  const text = [head, claim].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${createSign("RSA-SHA256").update(text).sign(account.private_key, "base64url")}`;
}
