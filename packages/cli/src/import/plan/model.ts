import { modelFamily, setupProviders } from "@carapace/config/setup";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { checkModel } from "../../setup/model-rules.ts";

/** What a source writes in front of a model, and our prefix of that provider; each source may add or lack some. */
export type ModelPrefixes = Readonly<Record<string, string>>;

/** `provider/model`, as all sources write it (cli.md §3.11). */
export const commonPrefixes: ModelPrefixes = {
  ...Object.fromEntries(setupProviders.map(({ id }) => [id, id])),
  google: "gemini",
  "near-ai": "nearai",
  near: "nearai",
  models: "gemini",
};

/**
 * A source's model as ours. @returns `invalid_request`, with why in a clause, if no provider here would know it. Pure.
 */
export function modelFrom(text: string, prefixes: ModelPrefixes = commonPrefixes): Result<string> {
  const trimmed = text.trim();
  // What setup takes for a model, too (cli.md §3.10).
  if (!/^[A-Za-z0-9._/:@-]{1,256}$/.test(trimmed)) {
    return refuse("invalid_request", "is no name of a model");
  }
  const checked = checkModel(prefixed(trimmed, prefixes), undefined);
  const isRouted = checked.ok && checked.value.provider !== undefined;
  return isRouted ? ok(checked.value.model) : refuse("invalid_request", unroutable);
}

const unroutable = "names no provider that this program has: choose a model with cara setup";

function prefixed(text: string, prefixes: ModelPrefixes): string {
  const slash = text.indexOf("/");
  const [head, rest] = [text.slice(0, Math.max(slash, 0)).toLowerCase(), text.slice(slash + 1)];
  const provider = Object.hasOwn(prefixes, head) ? prefixes[head] : undefined;
  // Google's own names begin so, and other things may, too.
  const isMeant = head !== "models" || /^gemini-/i.test(rest);
  if (provider !== undefined && isMeant && rest !== "") return `${provider}:${rest}`;
  if (text.toLowerCase() === "claude-cli") return "claude-cli:default";
  const family = modelFamily(text);
  return family === undefined || text.includes("/") ? text : `${family}:${text}`;
}
