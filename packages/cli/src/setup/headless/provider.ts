import { type Environment, type Secret, secretOf } from "@carapace/config";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { Given, GivenText, ProviderAnswer, SignedIn } from "../answers.ts";
import { type AuthModeFlag, providerOf } from "../choice.ts";
import { givenBy, isSet, textBy, variableOf } from "../environment.ts";

/** What the answers are taken from where nobody is asked. */
export interface HeadlessSource {
  readonly env: Environment;
  readonly authMode?: AuthModeFlag | undefined;
  /** As it is written. */
  readonly model: string;
  /** Makes a sign-in from what `claude setup-token` prints. */
  readonly setupToken: (text: Secret) => Promise<Result<SignedIn>>;
}

type ById = {
  readonly [P in ProviderAnswer["provider"]]: (
    source: HeadlessSource,
  ) => Result<ProviderAnswer> | Promise<Result<ProviderAnswer>>;
};

type TableId = Exclude<ProviderAnswer["provider"], "offline">;

/** The variable of a key, set or not: what is missing is told for all of them at once. */
const key = (id: TableId): Given => ({
  kind: "variable",
  name: providerOf(id).key?.variables[0] ?? "",
});

/** The variable of a setting that is needed, set or not. */
const needed = (id: TableId, name: string, env: Environment): Given & GivenText => {
  const setting = providerOf(id).settings?.[name];
  return { kind: "variable", name: variableOf(env, setting) ?? setting?.variables[0] ?? "" };
};

/** Another address, if the environment names one. */
function baseUrl(id: TableId, env: Environment): { readonly baseUrl?: GivenText } {
  const name = variableOf(env, providerOf(id).baseUrl);
  return name === undefined ? {} : { baseUrl: { kind: "variable", name } };
}

/** The table of cli.md §3.10, *Non-interactive*. */
const byId: ById = {
  offline: () => ok({ provider: "offline" }),
  anthropic: async (source) =>
    source.authMode === "setup-token"
      ? await fromSetupToken(source)
      : ok({ provider: "anthropic", mode: "apiKey", key: key("anthropic") }),
  openai: () => ok({ provider: "openai", mode: "apiKey", key: key("openai") }),
  codex: () =>
    refuse(
      "invalid_request",
      "codex is signed in to in a browser: run cara setup --provider codex in a terminal, or use the control page",
    ),
  ollama: ({ env }) => ok(ollama(env)),
  gemini: ({ env, authMode }) => gemini(env, authMode),
  vertex: ({ env, model }) =>
    ok({
      ...{ provider: "vertex", mode: "none", projectId: needed("vertex", "projectId", env) },
      location: textBy(env, providerOf("vertex").settings?.["location"]) ?? needed("vertex", "location", env),
      ...(model === "vertex:default" && { routeModel: needed("vertex", "model", env) }),
    }),
  nearai: ({ env }) =>
    ok({ provider: "nearai", mode: "apiKey", key: key("nearai"), ...baseUrl("nearai", env) }),
  venice: ({ env }) =>
    ok({ provider: "venice", mode: "apiKey", key: key("venice"), ...baseUrl("venice", env) }),
  bedrock: ({ env }) => ok(bedrock(env)),
  "claude-cli": () => ok({ provider: "claude-cli", mode: "none" }),
};

/** What a provider needs, from the environment. @returns why it cannot be set up without being asked */
export async function headlessProvider(
  id: ProviderAnswer["provider"],
  source: HeadlessSource,
): Promise<Result<ProviderAnswer>> {
  return await byId[id](source);
}

function ollama(env: Environment): ProviderAnswer {
  const { baseUrl: address, key: own } = providerOf("ollama");
  return {
    ...{ provider: "ollama", mode: "baseUrl" },
    baseUrl: textBy(env, address) ?? { kind: "text", text: "" },
    key: givenBy(env, own),
  };
}

function gemini(env: Environment, authMode: AuthModeFlag | undefined): Result<ProviderAnswer> {
  if (authMode === "api-key") {
    return ok({ provider: "gemini", mode: "apiKey", key: key("gemini"), ...baseUrl("gemini", env) });
  }
  const say =
    authMode === "oauth"
      ? "Google is signed in to in a browser: run cara setup --provider gemini in a terminal, or use --auth-mode api-key"
      : "gemini needs --auth-mode api-key, with GOOGLE_API_KEY set; to sign in instead, run cara setup in a terminal";
  return refuse("invalid_request", say);
}

function bedrock(env: Environment): ProviderAnswer {
  const { settings } = providerOf("bedrock");
  return {
    ...{ provider: "bedrock", mode: "staticCredentials" },
    region: textBy(env, settings?.["region"]) ?? needed("bedrock", "region", env),
    accessKeyId: needed("bedrock", "accessKeyId", env),
    secretAccessKey: needed("bedrock", "secretAccessKey", env),
    sessionToken: givenBy(env, settings?.["sessionToken"]),
  };
}

async function fromSetupToken({ env, setupToken }: HeadlessSource): Promise<Result<ProviderAnswer>> {
  const missing = ["ANTHROPIC_SETUP_TOKEN", "CARAPACE_CONFIG_PASSWORD"].filter((name) => !isSet(env, name));
  if (missing.length > 0) {
    const say = `--auth-mode setup-token needs ${missing.join(" and ")} in the environment: the token is kept sealed with that password`;
    return refuse("invalid_request", say);
  }
  const text = secretOf(env["ANTHROPIC_SETUP_TOKEN"]);
  if (text === undefined) return refuse("invalid_request", "ANTHROPIC_SETUP_TOKEN is empty");
  const profile = await setupToken(text);
  return profile.ok ? ok({ provider: "anthropic", mode: "setupToken", profile: profile.value }) : profile;
}
