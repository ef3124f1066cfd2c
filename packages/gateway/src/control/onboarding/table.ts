import {
  type ProviderAuthMode,
  type Setting,
  type SetupProvider,
  setupProviders,
} from "@carapace/config/setup";
import type { ProviderStatus } from "@carapace/protocol";

/** In the contract's order (http.md §12.4), which knows no Claude CLI. */
export const onboardingProviders: readonly SetupProvider[] = setupProviders.filter(
  ({ id }) => id !== "claude-cli",
);

/** What a provider cannot do without beside its key or sign-in, by name. */
export function needsOf({ settings = {}, needed = [] }: SetupProvider): Readonly<Record<string, Setting>> {
  return Object.fromEntries(needed.flatMap((name) => (settings[name] ? [[name, settings[name]]] : [])));
}

/** Any of these tells that its owner wants it. */
export function signsOf(provider: SetupProvider): readonly Setting[] {
  const { id, key, baseUrl, profile } = provider;
  const needs = Object.values(needsOf(provider));
  // Named is set up, be the section empty: it has a usual address.
  if (id === "ollama") return [{ path: "providers.ollama" }, ...(baseUrl ? [baseUrl] : [])];
  // A region alone is what every machine in that cloud has.
  if (id === "bedrock")
    return needs.map((need) => (need.path.endsWith("region") ? { path: need.path } : need));
  return [key, baseUrl, profile, ...needs].filter((sign) => sign !== undefined);
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
  id: provider,
  authModes,
}: SetupProvider): Pick<
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
