import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { type ModelPrefixes, modelFrom } from "./model.ts";

/** Keys of ours that a source may set, and what their value must be. */
const kinds = {
  "anthropic.apiKey": "key",
  "anthropic.baseUrl": "url",
  "openai.apiKey": "key",
  "openai.baseUrl": "url",
  "google.apiKey": "key",
  "google.baseUrl": "url",
  "nearai.apiKey": "key",
  "nearai.baseUrl": "url",
  "venice.apiKey": "key",
  "venice.baseUrl": "url",
  "providers.ollama.apiKey": "key",
  "providers.ollama.baseUrl": "url",
  "telegram.botToken": "key",
  "telegram.webhookSecret": "key",
  "discord.botToken": "key",
  "slack.botToken": "key",
  "slack.signingSecret": "key",
  "gateway.auth.token": "secret",
  "gateway.auth.password": "secret",
  "agents.defaults.model": "model",
} as const satisfies Record<string, "key" | "url" | "secret" | "model">;

export type TargetKey = keyof typeof kinds;

export function isSecretTarget(key: TargetKey): boolean {
  return kinds[key] === "key" || kinds[key] === "secret";
}

/** The text as it is written for a key, or why it cannot be: a predicate that quotes nothing. Pure. */
export function settingFrom(key: TargetKey, text: string, prefixes?: ModelPrefixes): Result<string> {
  const kind = kinds[key];
  if (kind === "model") return modelFrom(text, prefixes);
  if (kind === "url") return urlFrom(text);
  if (isPlaceholder(text)) return refuse("invalid_request", "is a placeholder");
  if (kind === "secret" || /^[\x21-\x7e]+$/.test(text)) return ok(text);
  return refuse("invalid_request", "has characters that no key has");
}

/** What examples and installers put where a key goes. */
function isPlaceholder(text: string): boolean {
  return /^(change-?me|<.*>$|your[-_].*(here|key|token)$)/i.test(text);
}

function urlFrom(text: string): Result<string> {
  const bad = (why: string) => refuse("invalid_request", why);
  if (!URL.canParse(text)) return bad("is no address");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return bad("is no address of the web");
  if (url.username !== "" || url.password !== "") return bad("holds a user name or a password");
  if (url.search !== "" || url.hash !== "") return bad("has more behind its path");
  if (sandboxHosts.includes(url.hostname)) return bad("leads to a name that only a sandbox or container has");
  return ok(text);
}

const sandboxHosts: readonly string[] = [
  "inference.local",
  "host.openshell.internal",
  "host.docker.internal",
  "host.containers.internal",
];
