import { loaderVariables } from "./load/env-section.ts";
import { isSecretVariable } from "./redaction/index.ts";

/** Variables whose value is a secret and is sealed when written (config.md §11.3). */
export const secretVariables: readonly string[] = [
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
  "AWS_BEARER_TOKEN_BEDROCK",
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

/** They say which programs are run for a model, and where those keep their sign-ins. */
const programVariables = [
  ...["PATH", "PATHEXT", "HOME", "USERPROFILE", "SHELL", "COMSPEC", "TMPDIR", "CLAUDE_CONFIG_DIR"],
  ...["CLOUDSDK_CONFIG", "CLOUDSDK_PYTHON", "CLOUDSDK_PYTHON_SITEPACKAGES", "GOOGLE_APPLICATION_CREDENTIALS"],
  ...["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"],
];

/** Nor may a text draw them in. */
const guardedVariables: readonly string[] = [...secretVariables, ...addressVariables, ...loaderVariables];

/** Variables no write over the wire or by the command may set in the `env` section (config.md §10). */
export const protectedVariables: readonly string[] = [...guardedVariables, ...programVariables];

/** Whether a text may not draw in this variable through a write: its name tells a secret, or a list above does. */
export function isGuardedVariable(name: string): boolean {
  return isSecretVariable(name) || guardedVariables.includes(name);
}
