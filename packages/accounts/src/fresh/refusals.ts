import { refuse } from "@carapace/protocol";
import type { TokenRefusal, TokenRefusalDetails } from "../types.ts";

const codes = {
  needs_login: "unauthorized",
  locked: "unauthorized",
  not_found: "not_found",
  unreachable: "unavailable",
  file: "unavailable",
} as const;

/** A refusal with its reason for a program. */
export function refuseToken(reason: TokenRefusalDetails["reason"], say: string): TokenRefusal {
  return { ...refuse(codes[reason], say), details: { reason } };
}

export function needsLogin(profileId: string, why: string): TokenRefusal {
  return refuseToken(
    "needs_login",
    `the stored sign-in ${shown(profileId)} ${why}: sign in anew with: cara setup --force`,
  );
}

export function locked(profileId: string, hasPassword: boolean): TokenRefusal {
  const why = hasPassword
    ? "does not open with this CARAPACE_CONFIG_PASSWORD: start with the one it was stored with, or sign in anew"
    : "is sealed: set CARAPACE_CONFIG_PASSWORD where the gateway starts";
  return refuseToken("locked", `the stored sign-in ${shown(profileId)} ${why}`);
}

export function notFound(profileId: string): TokenRefusal {
  return refuseToken(
    "not_found",
    `there is no stored sign-in ${shown(profileId)} of that provider: sign in with: cara setup --force`,
  );
}

/** Ids come out of files. */
function shown(profileId: string): string {
  return profileId.replace(/[^\x20-\x7e]/g, "?").slice(0, 64);
}
