import { loaderVariables } from "./load/env-section.ts";

/** Providers whose key and address are both ours to protect. */
const keyed = [
  "anthropic",
  "openai",
  "google",
  "nearai",
  "venice",
  "ollama",
  "providers.ollama",
  "models.providers.openai",
];
const oauthApps = ["google", "github", "discord", "openai"].map((name) => `auth.profiles.providers.${name}`);
const bedrock = ["accessKeyId", "secretAccessKey", "sessionToken"].map((name) => `bedrock.${name}`);

const channelSecrets = [
  "telegram.botToken",
  "telegram.webhookSecret",
  "discord.botToken",
  "slack.botToken",
  "slack.signingSecret",
  "matrix.accessToken",
  "matrix.password",
  "matrix.storePassphrase",
];

/** Variables whose value is a secret (config.md §11.3). */
const secretVariables = [
  "CARAPACE_SERVER_SECRET",
  "CARAPACE_GATEWAY_TOKEN",
  "CARAPACE_GATEWAY_PASSWORD",
  "CARAPACE_HOOKS_TOKEN",
  "ANTHROPIC_API_KEY",
  "OPENAI_API_KEY",
  "GOOGLE_API_KEY",
  "NEARAI_API_KEY",
  "VENICE_API_KEY",
  "OLLAMA_API_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "TELEGRAM_BOT_TOKEN",
  "TELEGRAM_WEBHOOK_SECRET",
  "DISCORD_BOT_TOKEN",
  "SLACK_BOT_TOKEN",
  "SLACK_SIGNING_SECRET",
  "MATRIX_ACCESS_TOKEN",
  "MATRIX_PASSWORD",
  "MATRIX_STORE_PASSPHRASE",
  "OPENAI_OAUTH_CLIENT_SECRET",
  "GOOGLE_OAUTH_CLIENT_SECRET",
  "GITHUB_OAUTH_CLIENT_SECRET",
  "DISCORD_OAUTH_CLIENT_SECRET",
];

const addressVariables = [
  "ANTHROPIC_BASE_URL",
  "OPENAI_BASE_URL",
  "NEARAI_BASE_URL",
  "VENICE_BASE_URL",
  "OLLAMA_BASE_URL",
  "TELEGRAM_BASE_URL",
  "DISCORD_BASE_URL",
  "SLACK_BASE_URL",
  "GOOGLE_API_BASE_URL",
  "SIGNAL_CLI_URL",
  "MATRIX_HOMESERVER_URL",
  "MATRIX_USER_ID",
  "MATRIX_DEVICE_ID",
];

const inEnv = (names: readonly string[]) => names.flatMap((name) => [`env.${name}`, `env.vars.${name}`]);

/** Paths that are sealed when written (config.md §11.3). */
export const secretPaths: readonly string[] = [
  "gateway.auth.token",
  "gateway.auth.password",
  "gateway.hooks.token",
  ...keyed.map((name) => `${name}.apiKey`),
  ...bedrock,
  ...oauthApps.map((app) => `${app}.clientSecret`),
  ...channelSecrets,
  ...inEnv(secretVariables),
];

/**
 * Paths no write through WebSocket, HTTP or the command may change, with all below them (config.md §10). Includes the
 * way around: a `$include` could bring any of them in.
 */
export const protectedPaths: readonly string[] = [
  "gateway.auth",
  "gateway.controlUi.allowInsecureAuth",
  "gateway.controlUi.dangerouslyDisableDeviceAuth",
  "gateway.controlUi.path",
  "gateway.hooks.token",
  "gateway.remote.authToken",
  "credentials",
  "secrets",
  "plugins.signature",
  "auth.profiles.redirectBaseUrl",
  ...oauthApps.flatMap((app) => [`${app}.redirectUri`, `${app}.clientSecret`]),
  ...keyed.flatMap((name) => [`${name}.apiKey`, `${name}.baseUrl`]),
  ...bedrock,
  ...channelSecrets,
  "matrix.homeserverUrl",
  "matrix.userId",
  "matrix.deviceId",
  "matrix.inboundDlq",
  ...inEnv([...secretVariables, ...addressVariables, ...loaderVariables]),
];
