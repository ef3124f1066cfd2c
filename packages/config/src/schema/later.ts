/**
 * Keys whose part of the product is not in this version: they are accepted and checked, so that one file serves old
 * and new versions, but nothing reads them yet. `*` stands for one step, `!x` for one other than x. A part that arrives takes its line away.
 */
const later: readonly string[] = [
  ...["mtls", "nodes", "remote", "tls"].map((name) => `gateway.${name}`),
  ...["externalPort", "resetOnShutdown"].map((name) => `gateway.tailscale.${name}`),
  "discovery",
  "models.providers.*.apiKey",
  ...["discord", "github", "*.redirectUri"].map((name) => `auth.profiles.providers.${name}`),
  ...["matrix", "signal", "slack", "telegram.webhookSecret"],
  ...["gatewayEnabled", "gatewayIntents", "gatewayUrl"].map((name) => `discord.${name}`),
  "channels.*.features",
  "classifier",
  "agents.promptGuard",
  ...["classifier", "deliver", "promptGuard", "sandbox"].flatMap((name) => [
    `agents.defaults.${name}`,
    `agents.list.*.${name}`,
  ]),
  "filesystem",
  "plugins.!sandbox",
  ...["defaults", "enabled", "overrides"].map((name) => `plugins.sandbox.${name}`),
  "logging.redactSensitive",
];

const patterns = later.map((path) => path.split("."));

/** True if the key at a path, or a section it stands in, belongs to a later version. */
export function isLater(path: readonly (string | number)[]): boolean {
  return patterns.some((steps) => steps.length <= path.length && fits(steps, path));
}

function fits(steps: readonly string[], path: readonly (string | number)[]): boolean {
  return steps.every((step, index) =>
    step.startsWith("!") ? step.slice(1) !== path[index] : step === "*" || step === path[index],
  );
}
