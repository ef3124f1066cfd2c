import type { Environment } from "@carapace/config";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { isSet } from "./environment.ts";
import type { SetupWishes } from "./wishes.ts";

/** Pure. A sign-in that the flags want could not be kept: nobody is to answer questions for it. */
export function sealableHere(
  { provider, authMode }: Pick<SetupWishes, "provider" | "authMode">,
  env: Environment,
): Result<undefined> {
  const isSignIn = provider === "codex" || authMode === "oauth" || authMode === "setup-token";
  if (!isSignIn || isSet(env, "CARAPACE_CONFIG_PASSWORD")) return ok(undefined);
  const say =
    "a sign-in is kept sealed with a password: choose one, set CARAPACE_CONFIG_PASSWORD to it, here and where the gateway starts, then run this again";
  return refuse("invalid_request", say);
}
