import { envelopeKind } from "@carapace/secrets/envelope-kind";
import { parseKey } from "./key-path.ts";
import { dottedPath } from "./load/issue-path.ts";
import { placeholders } from "./load/substitute.ts";
import { valueAt } from "./record.ts";
import { guardedKeys } from "./schema/guarded.ts";
import type { ConfigSnapshot } from "./types.ts";
import { fits, pathsAt } from "./write/patterns.ts";

/** How a secret stands in the configuration: `locked` is sealed and does not open, `included` is in another file. */
export type SecretForm = "sealed" | "locked" | "plain" | "placeholder" | "included";

/** A secret of the configuration, and where it comes from. */
export interface ConfigSecret {
  /** As `config get` takes it. */
  readonly key: string;
  /** How it stands in the file; absent if it does not. */
  readonly form?: SecretForm;
  /** The variable that also holds it, if it is set. */
  readonly variable?: string;
  /** Which of the two counts (config.md §12). */
  readonly counts: "environment" | "file" | "neither";
}

/** Of a reading of the configuration, what tells where a secret is. */
type Reading = Pick<ConfigSnapshot, "parsed" | "shown" | "resolved" | "lookup">;

/** Variables that beat the file's key. */
const beforeFile: Readonly<Record<string, string>> = {
  "gateway.auth.token": "CARAPACE_GATEWAY_TOKEN",
  "gateway.auth.password": "CARAPACE_GATEWAY_PASSWORD",
  "anthropic.apiKey": "ANTHROPIC_API_KEY",
  "openai.apiKey": "OPENAI_API_KEY",
  "google.apiKey": "GOOGLE_API_KEY",
  "nearai.apiKey": "NEARAI_API_KEY",
  "venice.apiKey": "VENICE_API_KEY",
  "bedrock.accessKeyId": "AWS_ACCESS_KEY_ID",
  "bedrock.secretAccessKey": "AWS_SECRET_ACCESS_KEY",
  "bedrock.sessionToken": "AWS_SESSION_TOKEN",
};

/** Variables that count where the file says nothing. */
const afterFile: Readonly<Record<string, string>> = {
  "telegram.botToken": "TELEGRAM_BOT_TOKEN",
  "telegram.webhookSecret": "TELEGRAM_WEBHOOK_SECRET",
  "discord.botToken": "DISCORD_BOT_TOKEN",
  "slack.botToken": "SLACK_BOT_TOKEN",
  "slack.signingSecret": "SLACK_SIGNING_SECRET",
  "matrix.accessToken": "MATRIX_ACCESS_TOKEN",
  "matrix.password": "MATRIX_PASSWORD",
  "matrix.storePassphrase": "MATRIX_STORE_PASSPHRASE",
};

/** Whether a key is one that the schema marks as a secret. */
export function isSecretKey(key: string): boolean {
  const path = parseKey(key);
  return path !== undefined && guardedKeys().secret.some((pattern) => fits(pattern, path));
}

/** Every secret key that the file or a variable sets, by name; the gateway's own are always there. */
export function configSecrets(snapshot: Reading): readonly ConfigSecret[] {
  const inFile = guardedKeys().secret.flatMap((pattern) => pathsAt(snapshot.shown, pattern).map(dottedPath));
  const named = ["gateway.auth.token", "gateway.auth.password"];
  const keys = new Set([...named, ...Object.keys(beforeFile), ...Object.keys(afterFile), ...inFile]);
  return [...keys]
    .map((key) => configSecret(snapshot, key))
    .filter(({ key, counts, form }) => counts !== "neither" || form !== undefined || named.includes(key))
    .sort((one, other) => (one.key < other.key ? -1 : 1));
}

/** One of them, set or not. */
export function configSecret(snapshot: Reading, key: string): ConfigSecret {
  const form = formOf(snapshot, key);
  const name = beforeFile[key] ?? afterFile[key];
  const variable = name !== undefined && isSaid(snapshot.lookup(name)) ? name : undefined;
  const isInFile = isSaid(textAt(snapshot.resolved, key));
  const isFileFirst = isInFile && Object.hasOwn(afterFile, key);
  return {
    key,
    ...(form && { form }),
    ...(variable && { variable }),
    counts: variable && !isFileFirst ? "environment" : isInFile ? "file" : "neither",
  };
}

/** The value that counts; undefined if there is none. */
export function configSecretValue(snapshot: Reading, secret: ConfigSecret): string | undefined {
  if (secret.counts === "neither") return undefined;
  const value =
    secret.counts === "environment" && secret.variable !== undefined
      ? snapshot.lookup(secret.variable)
      : textAt(snapshot.resolved, secret.key);
  return typeof value === "string" ? value : undefined;
}

function formOf({ parsed, shown, resolved }: Reading, key: string): SecretForm | undefined {
  const text = textAt(parsed, key);
  if (typeof text !== "string") return isSaid(textAt(shown, key)) ? "included" : undefined;
  if (text.trim() === "") return undefined;
  if (envelopeKind(text) !== "none") return isSaid(textAt(resolved, key)) ? "sealed" : "locked";
  return placeholders(text).length > 0 ? "placeholder" : "plain";
}

function textAt(tree: Reading["parsed"], key: string): unknown {
  const path = parseKey(key);
  return path && valueAt(tree, path);
}

function isSaid(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}
