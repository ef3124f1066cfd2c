import {
  type ProviderAuthMode,
  type Setting,
  type SetupProvider,
  setupProviders,
} from "@carapace/config/setup";
import type { ProviderStatus } from "@carapace/protocol";

/** One provider as the owner meets it when setting up (http.md §12.4). */
export interface OnboardingEntry {
  /** Also the prefix of its model strings. */
  readonly provider: string;
  readonly label: string;
  readonly authModes: readonly ProviderAuthMode[];
  /** Its key, if a key proves its owner. */
  readonly key?: Setting;
  /** What else it cannot do without, by name. */
  readonly needs: Readonly<Record<string, Setting>>;
  /** Where it is, if not at its usual address. */
  readonly address?: Setting;
  /** Where its stored sign-in is named, and whose that must be. */
  readonly profile?: { readonly path: string; readonly of: "anthropic" | "google" | "openai" };
  /** Any of these tells that its owner wants it. */
  readonly signs: readonly Setting[];
}

/** What of the table of setting up is told here; the contract knows no Claude CLI. */
const shown: ReadonlySet<string> = new Set([
  ...["anthropic", "codex", "openai", "ollama", "gemini", "vertex", "nearai", "venice", "bedrock"],
]);

const profileOwners: Readonly<Record<string, "anthropic" | "google" | "openai">> = {
  anthropic: "anthropic",
  codex: "openai",
  gemini: "google",
};

/** In the contract's order. */
export const onboardingTable: readonly OnboardingEntry[] = setupProviders
  .filter(({ id }) => shown.has(id))
  .map(entryOf);

function entryOf(one: SetupProvider): OnboardingEntry {
  const { id, label, authModes, key, baseUrl, settings = {}, needed = [], profilePath } = one;
  const of = profileOwners[id];
  const needs = Object.fromEntries(
    needed.flatMap((name) => (settings[name] ? [[name, settings[name]] as const] : [])),
  );
  const profile = profilePath !== undefined && of !== undefined ? { path: profilePath, of } : undefined;
  return {
    ...{ provider: id, label, authModes, needs },
    ...(key === undefined ? {} : { key }),
    ...(baseUrl === undefined ? {} : { address: baseUrl }),
    ...(profile === undefined ? {} : { profile }),
    signs: signsOf(one, Object.values(needs)),
  };
}

function signsOf(one: SetupProvider, needs: readonly Setting[]): readonly Setting[] {
  const { id, key, baseUrl, profilePath } = one;
  // Named is set up, be the section empty: it has a usual address.
  if (id === "ollama") return [{ path: "providers.ollama" }, ...(baseUrl ? [baseUrl] : [])];
  // A region alone is what every machine in that cloud has.
  if (id === "bedrock")
    return needs.map(({ path, variables = [] }) =>
      path.endsWith("region") ? { path } : { path, variables },
    );
  const profile = profilePath === undefined ? [] : [{ path: profilePath }];
  return [...(key ? [key] : []), ...(baseUrl ? [baseUrl] : []), ...profile, ...needs];
}

type Entrypoint = ProviderStatus["availableEntrypoints"][number];

/** What the page can do itself. */
const browserWays: Readonly<Record<string, readonly Entrypoint[]>> = {
  gemini: [
    { kind: "browser", authMode: "oauth", path: "/control/onboarding/gemini/oauth/start" },
    { kind: "browser", authMode: "apiKey", path: "/control/onboarding/gemini/api-key" },
  ],
  codex: [{ kind: "browser", authMode: "oauth", path: "/control/onboarding/codex/oauth/start" }],
};

const flags: Partial<Readonly<Record<ProviderAuthMode, string>>> = {
  apiKey: "api-key",
  setupToken: "setup-token",
  oauth: "oauth",
};

const replaceNote = "Replace `<model-id>` with your chosen model before running the command.";
const terminalNote = "Run it in an interactive terminal: it opens a browser, or takes the code you paste.";

/** The ways to set a provider up (http.md §12.4): in the page, and one command for each way of proving oneself. */
export function waysOf({
  provider,
  authModes,
}: OnboardingEntry): Pick<
  ProviderStatus,
  "supportedAuthModes" | "availableEntrypoints" | "cliSetupCommand" | "cliSetupCommandNote"
> {
  const isUsual = provider === "codex" || provider === "vertex";
  const model = isUsual ? `${provider}:default` : `${provider}:<model-id>`;
  const note = provider === "codex" ? terminalNote : isUsual ? undefined : replaceNote;
  const commands = authModes.map((mode): Entrypoint => {
    const flag = authModes.length > 1 && flags[mode] ? ` --auth-mode ${flags[mode]}` : "";
    const command = `cara setup --force --provider ${provider}${flag} --model ${model}`;
    const way = mode === "none" ? {} : { authMode: mode };
    return { kind: "cli", ...way, command, ...(note === undefined ? {} : { commandNote: note }) };
  });
  const [first] = commands;
  return {
    supportedAuthModes: [...authModes],
    availableEntrypoints: [...(browserWays[provider] ?? []), ...commands],
    ...(isUsual && first?.command ? { cliSetupCommand: first.command } : {}),
    ...(note === undefined ? {} : { cliSetupCommandNote: note }),
  };
}
