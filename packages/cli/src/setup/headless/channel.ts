import type { Environment } from "@carapace/config";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { ChannelAnswer, Given, Outcome } from "../answers.ts";
import { isSet } from "../environment.ts";

const variable = (name: string): Given => ({ kind: "variable", name });

/** The channel of an outcome, its secrets from the environment only. @returns undefined for one without a channel */
export function headlessChannel(
  outcome: Outcome,
  env: Environment,
  verifyTo: string | undefined,
): Result<ChannelAnswer | undefined> {
  const to = verifyTo === undefined ? {} : { verifyTo };
  switch (outcome) {
    case "local-chat":
    case "hooks":
      return ok(undefined);
    case "discord":
      return ok({ channel: "discord", botToken: variable("DISCORD_BOT_TOKEN"), ...to });
    case "telegram":
      return ok({ channel: "telegram", botToken: variable("TELEGRAM_BOT_TOKEN"), ...to });
    case "matrix": {
      const account = matrix(env);
      return account.ok ? ok({ ...account.value, ...to }) : account;
    }
  }
}

function matrix(env: Environment): Result<Extract<ChannelAnswer, { readonly channel: "matrix" }>> {
  const hasToken = isSet(env, "MATRIX_ACCESS_TOKEN");
  const signIn = hasToken ? ["MATRIX_DEVICE_ID"] : ["MATRIX_PASSWORD"];
  const missing = ["MATRIX_HOMESERVER_URL", "MATRIX_USER_ID", ...signIn].filter((name) => !isSet(env, name));
  if (missing.length > 0) {
    const or = hasToken
      ? ""
      : " (or MATRIX_ACCESS_TOKEN and MATRIX_DEVICE_ID in the place of MATRIX_PASSWORD)";
    return refuse(
      "invalid_request",
      `the outcome matrix needs ${missing.join(", ")} in the environment${or}`,
    );
  }
  const hasPassphrase = isSet(env, "MATRIX_STORE_PASSPHRASE");
  if (!hasPassphrase && !isSet(env, "CARAPACE_CONFIG_PASSWORD")) {
    const say =
      "the outcome matrix keeps its keys encrypted: set MATRIX_STORE_PASSPHRASE or CARAPACE_CONFIG_PASSWORD in the environment";
    return refuse("invalid_request", say);
  }
  return ok({
    channel: "matrix",
    homeserverUrl: env["MATRIX_HOMESERVER_URL"]?.trim() ?? "",
    userId: env["MATRIX_USER_ID"]?.trim() ?? "",
    signIn: hasToken
      ? {
          ...{ kind: "accessToken", token: variable("MATRIX_ACCESS_TOKEN") },
          deviceId: env["MATRIX_DEVICE_ID"]?.trim() ?? "",
        }
      : { kind: "password", password: variable("MATRIX_PASSWORD") },
    encrypted: true,
    storePassphrase: hasPassphrase ? variable("MATRIX_STORE_PASSPHRASE") : { kind: "none" },
    allowUsers: [],
    allowServerNames: [],
  });
}
