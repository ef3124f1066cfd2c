import type { ProviderAuthMode } from "@carapace/config/setup";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { Outcome } from "./answers.ts";
import { type AuthModeFlag, authModeFlags, choiceNamed, providerOf, providerWords } from "./choice.ts";
import { checkModel, type ModelChoice } from "./model-rules.ts";
import type { SetupWishes } from "./wishes.ts";

/** Flags as they were typed. */
export interface SetupFlags {
  readonly provider: string | undefined;
  readonly authMode: AuthModeFlag | undefined;
  readonly model: string | undefined;
  readonly outcome: string | undefined;
  readonly bind: "loopback" | "lan" | undefined;
  readonly port: number | undefined;
  readonly verifyTo: string | undefined;
  readonly verify: boolean;
  readonly skipLiveCheck: boolean;
  readonly force: boolean;
  readonly merge: boolean;
}

/** Pure. Checks provider, model, auth mode and outcome before anything is asked or touched (cli.md §3.10). */
export function readWishes(flags: SetupFlags): Result<SetupWishes> {
  const provider = flags.provider === undefined ? ok(undefined) : providerNamed(flags.provider);
  if (!provider.ok) return provider;
  const model = modelGiven(flags.model, provider.value);
  if (!model.ok) return model;
  const outcome = flags.outcome === undefined ? ok(undefined) : outcomeNamed(flags.outcome);
  if (!outcome.ok) return outcome;
  const chosen = provider.value ?? model.value?.provider;
  const mode = fitsMode(flags.authMode, chosen);
  if (!mode.ok) return mode;
  const over = fitsMerge(flags);
  if (!over.ok) return over;
  const { authMode, bind, port, force, merge } = flags;
  const verifyTo = flags.verifyTo?.trim();
  return ok({
    ...(chosen !== undefined && { provider: chosen }),
    ...(authMode !== undefined && { authMode }),
    ...(model.value !== undefined && { model: model.value }),
    ...(outcome.value !== undefined && { outcome: outcome.value }),
    ...(bind !== undefined && { bind }),
    ...(port !== undefined && { port }),
    ...(verifyTo !== undefined && verifyTo !== "" && { verifyTo }),
    ...(flags.verify && { mustProve: true }),
    ...(flags.skipLiveCheck && { skipsLiveCheck: true }),
    force,
    merge,
  });
}

/** What is kept cannot be said anew. */
function fitsMerge({ merge, force, bind, port }: SetupFlags): Result<undefined> {
  if (!merge) return ok(undefined);
  if (force)
    return refuse("invalid_request", "--merge keeps the configuration, --force starts over: choose one");
  if (bind === undefined && port === undefined) return ok(undefined);
  const how = "set them with cara config set gateway.port and gateway.bind, or start over with --force";
  return refuse(
    "invalid_request",
    `--merge keeps who can reach the gateway; without --port and --bind: ${how}`,
  );
}

function providerNamed(word: string): Result<SetupWishes["provider"]> {
  const choice = choiceNamed(word);
  if (choice !== undefined) return ok(choice);
  return refuse("invalid_request", `--provider takes one of ${providerWords.join(", ")}`);
}

function modelGiven(
  text: string | undefined,
  provider: SetupWishes["provider"],
): Result<ModelChoice | undefined> {
  if (text === undefined) return ok(undefined);
  if (provider !== "offline") return checkModel(text, provider);
  return refuse("invalid_request", "--provider offline has one model of its own: leave --model out");
}

/** Only Anthropic and Gemini have more than one way in. */
function fitsMode(mode: AuthModeFlag | undefined, provider: SetupWishes["provider"]): Result<undefined> {
  if (mode === undefined) return ok(undefined);
  if (provider === undefined) {
    return refuse("invalid_request", "--auth-mode needs --provider anthropic or gemini beside it");
  }
  const ways = provider === "offline" ? [] : providerOf(provider).authModes;
  const own = ways.flatMap((way) => flags[way] ?? []);
  if (own.length < 2) {
    return refuse("invalid_request", `--auth-mode is for anthropic and gemini; ${provider} has one way in`);
  }
  if (own.includes(mode)) return ok(undefined);
  return refuse("invalid_request", `${provider} takes --auth-mode ${own.join(" or ")}, not ${mode}`);
}

const flags: Partial<Record<ProviderAuthMode, AuthModeFlag>> = authModeFlags;

/** Names of the outcomes, and what else they are called (cli.md §3.10, step 8). */
const outcomeWords: Readonly<Record<string, Outcome>> = {
  "local-chat": "local-chat",
  local: "local-chat",
  chat: "local-chat",
  assistant: "local-chat",
  discord: "discord",
  telegram: "telegram",
  matrix: "matrix",
  element: "matrix",
  hooks: "hooks",
  webhook: "hooks",
  webhooks: "hooks",
};

function outcomeNamed(word: string): Result<Outcome> {
  const lower = word.trim().toLowerCase();
  const outcome = Object.hasOwn(outcomeWords, lower) ? outcomeWords[lower] : undefined;
  if (outcome !== undefined) return ok(outcome);
  return refuse("invalid_request", "--outcome takes local-chat, discord, telegram, matrix or hooks");
}
