import type { OAuthProvider } from "../types.ts";
import type { OAuthEndpoints } from "./types.ts";

/** How a provider signs people in (agent.md §15). */
export interface SignInVendor {
  /** In sentences. */
  readonly label: string;
  /** The model provider it is for; begins a sign-in's `state`. */
  readonly purpose: "codex" | "gemini";
  readonly endpoints: OAuthEndpoints;
  readonly scopes: readonly string[];
  /** What its authorize address takes on top of RFC 6749. */
  readonly extra: Readonly<Record<string, string>>;
}

export const signInVendors: Readonly<Record<OAuthProvider, SignInVendor>> = {
  openai: {
    label: "OpenAI",
    purpose: "codex",
    endpoints: {
      authorize: "https://auth.openai.com/oauth/authorize",
      token: "https://auth.openai.com/oauth/token",
      publicRedirectUri: "http://localhost:1455/auth/callback",
    },
    scopes: ["openid", "profile", "email", "offline_access"],
    // Without them the tokens do not name the account that pays.
    extra: { id_token_add_organizations: "true", codex_cli_simplified_flow: "true" },
  },
  google: {
    label: "Google",
    purpose: "gemini",
    endpoints: {
      authorize: "https://accounts.google.com/o/oauth2/v2/auth",
      token: "https://oauth2.googleapis.com/token",
      userInfo: "https://openidconnect.googleapis.com/v1/userinfo",
    },
    // The narrowest that the Gemini API takes; `cloud-platform` would open all of the person's cloud.
    scopes: [
      ...["openid", "email", "profile"],
      "https://www.googleapis.com/auth/generative-language.retriever",
    ],
    // Only then Google hands out a refresh token, also to somebody who signed in before.
    extra: { access_type: "offline", prompt: "consent" },
  },
};
