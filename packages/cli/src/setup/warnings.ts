import type { Environment } from "@carapace/config";
import type { Given, ProviderAnswer, SetupAnswers } from "./answers.ts";
import { providerOf } from "./choice.ts";
import { isSet, variableOf, variablesIn } from "./environment.ts";

/**
 * Pure. What the owner should know of what was set up, beside what the configuration itself warns of.
 * @param isComplete nothing that is required is missing, be it that it was there before
 */
export function warningsFor(answers: SetupAnswers, env: Environment, isComplete: boolean): readonly string[] {
  return [
    ...(isComplete ? [] : leftOut(answers)),
    ...outdone(answers, env),
    ...needed(answers),
    ...alsoRead(answers, env),
    ...exposed(answers),
  ];
}

/** What was left out: it loads, and cannot work yet. */
function leftOut({ provider }: SetupAnswers): readonly string[] {
  return keysOf(provider)
    .filter(([, given]) => given.kind === "none")
    .map(
      ([name]) => `no ${name} was given: set it where the gateway starts, or run cara setup --merge again`,
    );
}

/** The keys that a provider cannot do without, and the variable that gives each. */
function keysOf(answer: ProviderAnswer): readonly (readonly [string, Given])[] {
  if (answer.provider === "bedrock") {
    return [
      ["AWS_ACCESS_KEY_ID", answer.accessKeyId],
      ["AWS_SECRET_ACCESS_KEY", answer.secretAccessKey],
    ];
  }
  if (answer.provider === "offline" || answer.provider === "ollama" || !("key" in answer)) return [];
  return [[providerOf(answer.provider).key?.variables[0] ?? "key", answer.key]];
}

/** A key of the environment comes before a stored sign-in (agent.md §3). */
function outdone({ provider }: SetupAnswers, env: Environment): readonly string[] {
  if (!("profile" in provider)) return [];
  const key = variableOf(env, providerOf(provider.provider).key);
  if (key === undefined) return [];
  return [`${key} is set and comes before the stored sign-in: unset it where the gateway starts`];
}

/** Without them the configuration does not load. */
function needed(answers: SetupAnswers): readonly string[] {
  const names = variablesIn(answers);
  if (names.length === 0) return [];
  return [
    `the configuration refers to ${names.join(", ")}: set ${names.length > 1 ? "them" : "it"} wherever the gateway starts`,
  ];
}

/**
 * What counts here beside the configuration: a gateway without it opens nothing that is sealed, or takes a key to the
 * vendor instead of to the owner's own server.
 */
function alsoRead(answers: SetupAnswers, env: Environment): readonly string[] {
  const { provider, channel } = answers;
  const address =
    provider.provider === "offline" ? undefined : variableOf(env, providerOf(provider.provider).baseUrl);
  const bot = channel === undefined || channel.channel === "matrix" ? undefined : channel.channel;
  const botAddress = bot === undefined ? undefined : `${bot.toUpperCase()}_BASE_URL`;
  const referred = variablesIn(answers);
  const names = [address, botAddress, "CARAPACE_CONFIG_PASSWORD"].filter(
    (name) => name !== undefined && isSet(env, name) && !referred.includes(name),
  );
  if (names.length === 0) return [];
  const [count, them] = names.length > 1 ? ["count", "them"] : ["counts", "it"];
  return [
    `${names.join(", ")} ${count} here, beside the configuration: set ${them} wherever the gateway starts, too`,
  ];
}

function exposed({ bind }: SetupAnswers): readonly string[] {
  return bind === "lan"
    ? ["the gateway can be reached from your network: whoever has its token or password may use it"]
    : [];
}
