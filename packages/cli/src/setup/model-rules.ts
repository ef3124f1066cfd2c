import { type SetupProvider, setupProviders } from "@carapace/config/setup";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { choiceNamed, providerOf } from "./choice.ts";
import { familyOf } from "./families.ts";

type ProviderId = SetupProvider["id"];

/** A model as the owner named it. */
export interface ModelChoice {
  /** As it is written, `anthropic:claude-…`; without `provider` bare, and waits for one. */
  readonly model: string;
  /** From the prefix, or the one it was checked for. */
  readonly provider?: ProviderId;
  /** Of a bare model: the provider whose models have such names. */
  readonly family?: ProviderId;
}

const maxCharacters = 256;

/**
 * Checks a model string by the rules of cli.md §3.10. Pure. What is refused is told with control characters escaped.
 * @param provider the one that was chosen; undefined: a known prefix implies it, and a bare name waits
 */
export function checkModel(text: string, provider: ProviderId | undefined): Result<ModelChoice> {
  const trimmed = text.trim();
  const why = slipOf(trimmed);
  if (why !== undefined) return refuse("invalid_request", why);
  const colon = trimmed.indexOf(":");
  if (colon < 0) return bare(trimmed, provider);
  const prefix = trimmed.slice(0, colon);
  if (prefix.includes(".")) return native(trimmed, provider);
  return prefixed({ text: trimmed, prefix: prefix.toLowerCase(), id: trimmed.slice(colon + 1) }, provider);
}

/** What no model's name looks like, whoever's it is. */
function slipOf(text: string): string | undefined {
  const shown = shownText(text);
  if (text === "") return "a model is needed, for example anthropic:claude-sonnet-4-6";
  if (text.length > maxCharacters) return `a model has at most ${maxCharacters} characters`;
  if (/^<.*>$/.test(text)) return `${shown} stands for a name: put the model's own in its place`;
  if (/<[^>]*>/.test(text)) return `${shown} holds a part that stands for something: put that in its place`;
  if (/\s/.test(text)) return `${shown} has a blank in it; a model has none`;
  if (!/^[A-Za-z0-9._/:@-]+$/.test(text)) {
    return `${shown} holds a character that no model has; letters, digits and . _ / : @ - are allowed`;
  }
  const wrong = text.split(":").find((part) => part.startsWith("-"));
  if (wrong !== undefined) return `${shown}: no part of a model begins with "-"`;
  if (/^arn:/i.test(text) || /^bedrock:arn:/i.test(text)) {
    return `${shown} is an ARN; write the model's id, for example ${providerOf("bedrock").exampleModel}`;
  }
  return undefined;
}

/** No colon: the chosen provider's, or nobody's yet. */
function bare(text: string, provider: ProviderId | undefined): Result<ModelChoice> {
  if (provider === undefined) {
    const family = familyOf(text);
    return ok({ model: text, ...(family && { family }) });
  }
  const slash = text.indexOf("/");
  if (slash > 0 && choiceNamed(text.slice(0, slash)) === provider) {
    return refuse(
      "invalid_request",
      `write ${provider}:${text.slice(slash + 1)} instead of ${shownText(text)}`,
    );
  }
  return named(provider, text === provider && provider === "claude-cli" ? "default" : text);
}

/** Dots before the first colon: `anthropic.claude-…-v1:0`, an id of Bedrock's own. */
function native(text: string, provider: ProviderId | undefined): Result<ModelChoice> {
  const isWhole = /^[^:]+:[^:]+$/.test(text);
  if (provider === undefined && isWhole) return ok({ model: text, family: "bedrock" });
  if (provider !== undefined && provider !== "bedrock") {
    const say = `${shownText(text)} looks like a model of Bedrock: choose the provider bedrock, or write ${provider}:…`;
    return refuse("invalid_request", say);
  }
  if (isWhole) return named("bedrock", text);
  return refuse("invalid_request", `${shownText(text)} is no id of Bedrock: it has one colon, as in …-v1:0`);
}

interface Prefixed {
  readonly text: string;
  readonly prefix: string;
  readonly id: string;
}

function prefixed({ text, prefix, id }: Prefixed, provider: ProviderId | undefined): Result<ModelChoice> {
  const meant = prefix === "" ? undefined : choiceNamed(prefix);
  const isExact = meant === prefix && meant !== "offline";
  if (!isExact) return refuse("invalid_request", unknownPrefix({ text, prefix, id }, meant, provider));
  if (provider !== undefined && prefix !== provider) {
    const say = `${shownText(text)} is a model of ${prefix}, but the provider is ${provider}: write ${provider}:…, or choose ${prefix}`;
    return refuse("invalid_request", say);
  }
  return named(meant, id);
}

function unknownPrefix(
  { text, prefix, id }: Prefixed,
  meant: ReturnType<typeof choiceNamed>,
  provider: ProviderId | undefined,
): string {
  const shown = shownText(text);
  if (meant === "offline") return `${shown} needs no provider: use --provider offline without a model`;
  if (meant !== undefined) return `write ${meant}:${id} instead of ${shown}`;
  if (provider === "ollama") return `"${prefix}" is no provider; write ollama:${text} for the tag of a model`;
  return `"${prefix}" in ${shown} is no provider; known are ${prefixes}`;
}

const prefixes = setupProviders.map(({ id }) => id).join(", ");

/** The id behind the prefix. */
function named(provider: ProviderId, id: string): Result<ModelChoice> {
  const parts = id.split(":");
  const { exampleModel } = providerOf(provider);
  if (id === "")
    return refuse("invalid_request", `${provider}: names no model; write it as in ${exampleModel}`);
  if (parts[0]?.toLowerCase() === provider && parts.length > 1) {
    return refuse("invalid_request", `${provider}:${id} has its prefix twice; write ${id}`);
  }
  if (parts.length > 1 && provider !== "ollama" && provider !== "bedrock") {
    return refuse("invalid_request", `${provider}:${id} has a second colon; models of ${provider} have none`);
  }
  if (parts.includes("")) {
    return refuse("invalid_request", `${provider}:${id} has a colon with nothing beside it`);
  }
  const usual = `${provider}:default`;
  const isUsual = exampleModel === usual && id.toLowerCase() === "default";
  return ok({ provider, model: isUsual ? usual : `${provider}:${id}` });
}

/** A text of the owner's as it may be shown: short, and without what steers a terminal. */
function shownText(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  const escaped = short.replace(/[^\x20-\x7e…]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
  return `"${escaped}"`;
}
