import { ok, type Result } from "@carapace/protocol";
import { childEnvironment } from "./child/environment.ts";
import { find, type ProviderSource, valueAt } from "./settings.ts";
import type { ConfiguredVendor, VendorDefinition } from "./vendor.ts";
import { whenAsked } from "./when-asked.ts";

/** How the program is run. */
export interface ClaudeCliSettings {
  /** Its name, or where it is. */
  readonly path: string;
  /** Most turns of its own loop in one call. */
  readonly maxTurns: number;
  readonly env: Readonly<Record<string, string>>;
}

const usualTurns = 10;

/** The Claude command line, with a sign-in of its own (agent.md §4.7). */
export const claudeCli: VendorDefinition = {
  howToSetUp:
    "Claude CLI is not set up: install it, sign in with it, and set CLAUDE_CLI_ENABLED=1 where the gateway starts, or: " +
    "cara config set claudeCli.enabled true",
  headerTimeoutMs: 120_000,
  read: readClaudeCli,
};

function readClaudeCli(source: ProviderSource): Result<ConfiguredVendor | undefined> {
  const said = find(source, ["CLAUDE_CLI_ENABLED"], "claudeCli.enabled");
  const isEnabled =
    said === undefined ? valueAt(source, "claudeCli.enabled") === true : /^(1|true)$/i.test(said.text);
  if (!isEnabled) return ok(undefined);
  const settings = settingsOf(source);
  return ok({
    create: (deps) =>
      whenAsked("claude-cli", async () =>
        (await import("./claude-cli-provider.ts")).createClaudeCliProvider(settings, deps),
      ),
    fingerprint: [settings.path, String(settings.maxTurns), JSON.stringify(settings.env)],
    defaultModel: () => ok("claude-cli:default"),
  });
}

function settingsOf(source: ProviderSource): ClaudeCliSettings {
  const turns = valueAt(source, "claudeCli.maxTurns");
  return {
    path: find(source, [], "claudeCli.path")?.text ?? "claude",
    maxTurns: typeof turns === "number" && Number.isSafeInteger(turns) && turns > 0 ? turns : usualTurns,
    env: claudeEnvironment(source.lookup),
  };
}

/** What the program gets of the environment: where its sign-in is kept, and no key. */
export function claudeEnvironment(lookup: ProviderSource["lookup"]): Record<string, string> {
  return {
    ...childEnvironment(lookup, ["CLAUDE_CONFIG_DIR"]),
    DISABLE_NONESSENTIAL_TRAFFIC: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
  };
}
