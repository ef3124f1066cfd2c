import { Secret } from "@carapace/config";
import { isRecord, unlessAborted } from "@carapace/protocol";
import { cutBytes } from "../sanitize/redact.ts";
import { quietFolder } from "./child/quiet-folder.ts";
import { runProgram } from "./child/run-program.ts";
import { tokenOfFile } from "./google-credentials.ts";
import { redactDetail } from "./redact.ts";
import { getAnswer } from "./transport.ts";

/** How a token for Vertex is got (agent.md §4.5). */
export interface VertexTokenSettings {
  /** Of gcloud. */
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
  /** On Cloud Run there is none: the metadata server answers at once. */
  readonly hasGcloud: boolean;
  /** Of `GOOGLE_APPLICATION_CREDENTIALS`: nobody else is asked then. */
  readonly credentialsFile?: string;
  /** Instead of Google's own, for those. */
  readonly tokenUrl?: string;
  /** Instead of the one address at which every machine of Google's finds its metadata server. */
  readonly metadataUrl?: string;
}

/** A token, or why there is none: for the owner, and for the log. */
export type VertexToken =
  | { readonly ok: true; readonly token: Secret; readonly lifeMs: number }
  | { readonly ok: false; readonly say: string; readonly detail: string };

export interface VertexTokens {
  /** From the cache if it has one; all who ask at once wait for the same. Ends soon after the signal fires. */
  get(signal: AbortSignal): Promise<VertexToken>;
  /** Forgets one that was refused. */
  drop(token: Secret): void;
}

/**
 * Fixed, of the local link, and without TLS: a machine of Google's answers there itself. Named here and nowhere else; no
 * setting leads there (`settings.ts` refuses it), and its answer counts only with Google's mark.
 */
const metadataServer = "http://169.254.169.254";
const metadataPath = "/computeMetadata/v1/instance/service-accounts/default/token";
const metadataTimeoutMs = 5000;
/** gcloud does not tell how long its token lives; it is at least this. */
const gcloudLifeMs = 240_000;
const marginMs = 60_000;
const maxDetailBytes = 256;

/** Tokens for Vertex, each kept until a minute before its end. */
export function createVertexTokens(settings: VertexTokenSettings, nowMs: () => number): VertexTokens {
  let kept: { readonly token: Secret; readonly untilMs: number } | undefined;
  let asking: Promise<VertexToken> | undefined;
  const ask = async (): Promise<VertexToken> => {
    const answer = await askForToken(settings, nowMs());
    asking = undefined;
    if (answer.ok) kept = { token: answer.token, untilMs: nowMs() + answer.lifeMs - marginMs };
    return answer;
  };
  return {
    async get(signal) {
      if (kept !== undefined && nowMs() < kept.untilMs)
        return { ok: true, token: kept.token, lifeMs: kept.untilMs - nowMs() };
      asking ??= ask();
      return await unlessAborted(asking, signal, cancelled);
    },
    drop(token) {
      if (kept?.token.reveal() === token.reveal()) kept = undefined;
    },
  };
}

/** A token for the file that is named, or else one of gcloud's, or else of the metadata server. Never throws. */
export async function askForToken(settings: VertexTokenSettings, nowMs: number): Promise<VertexToken> {
  if (settings.credentialsFile !== undefined)
    return await askWithFile(settings.credentialsFile, nowMs, settings.tokenUrl);
  const gcloud = settings.hasGcloud ? await askGcloud(settings) : noGcloud;
  if (gcloud.ok) return gcloud;
  const metadata = await askMetadata(settings.metadataUrl ?? metadataServer);
  if (metadata.ok) return metadata;
  return { ok: false, say: gcloud.say, detail: `${gcloud.detail}; ${metadata.detail}` };
}

async function askWithFile(path: string, nowMs: number, tokenUrl?: string): Promise<VertexToken> {
  const answer = await tokenOfFile(path, nowMs, tokenUrl);
  if (!answer.ok)
    return { ok: false, say: fileTroubles[answer.why], detail: `credentials file: ${answer.why}` };
  const token = tokenOf(answer.body);
  return token ?? { ok: false, say: fileTroubles.refused, detail: "credentials file: no token for it" };
}

const fileTroubles = {
  unreadable:
    "The file that GOOGLE_APPLICATION_CREDENTIALS names cannot be read: correct the variable, or unset it.",
  unknown_kind:
    "The file that GOOGLE_APPLICATION_CREDENTIALS names is neither a service account's key nor a sign-in of gcloud's: " +
    "name another, or unset the variable.",
  refused:
    "Google gives no token for the file that GOOGLE_APPLICATION_CREDENTIALS names: make a new key, or unset the variable.",
} as const;

/** What is said of a token where one is given: how long it lives, too. */
function tokenOf({ access_token: text, expires_in: seconds }: Readonly<Record<string, unknown>>) {
  const token = typeof text === "string" ? tokenIn(text) : undefined;
  return token === undefined ? undefined : ({ ok: true, token, lifeMs: lifeMs(seconds) } as const);
}

const noGcloud: VertexToken = {
  ok: false,
  say: "Google's metadata server gives no token: give this service an account that may use Vertex AI.",
  detail: "gcloud is not asked on Cloud Run",
};

async function askGcloud({ env, timeoutMs }: VertexTokenSettings): Promise<VertexToken> {
  const cwd = await quietFolder(env);
  const end = await runProgram(["gcloud", "auth", "print-access-token"], { env, cwd, timeoutMs });
  if (end.kind === "not_found")
    return {
      ok: false,
      say: `There is no gcloud on this machine: install it, then ${signIn}`,
      detail: "no gcloud",
    };
  if (end.kind === "too_long")
    return { ok: false, say: `gcloud gave no token in time: ${signIn}`, detail: "gcloud took too long" };
  const token = tokenIn(end.out);
  if (end.code === 0 && token !== undefined) return { ok: true, token, lifeMs: gcloudLifeMs };
  const detail = cutBytes(redactDetail(end.errors, []), maxDetailBytes);
  return {
    ok: false,
    say: `gcloud gave no token: ${signIn}`,
    detail: `gcloud ended with ${end.code}: ${detail}`,
  };
}

const signIn = "sign in with: gcloud auth login";

async function askMetadata(url: string): Promise<VertexToken> {
  const no = (detail: string): VertexToken => ({ ok: false, say: "", detail: `metadata server: ${detail}` });
  const signal = AbortSignal.timeout(metadataTimeoutMs);
  try {
    const { body, headers } = await getAnswer(`${url}${metadataPath}`, {
      headers: { "Metadata-Flavor": "Google" },
      timeoutMs: metadataTimeoutMs,
      signal,
    });
    if (headers.get("metadata-flavor") !== "Google") return no("something else answers in its place");
    return tokenOf(isRecord(body) ? body : {}) ?? no("its answer holds no token");
  } catch (error) {
    return no(error instanceof Error ? redactDetail(error.message, []) : "it does not answer");
  }
}

function tokenIn(text: string): Secret | undefined {
  const token = text.trim();
  return /^[\x21-\x7e]{8,8192}$/.test(token) ? new Secret(token) : undefined;
}

function lifeMs(seconds: unknown): number {
  return typeof seconds === "number" && seconds > 0 ? Math.min(seconds, 3600) * 1000 : gcloudLifeMs;
}

function cancelled(): VertexToken {
  return { ok: false, say: "The request was cancelled.", detail: "" };
}
