import type { Environment, Secret } from "@carapace/config";
import type { Refusal, Result } from "@carapace/protocol";
import type {
  OAuthClient,
  OAuthEndpoints,
  SignInFlow,
  SignInHere,
  SignInHereOptions,
  SignInRequest,
} from "./sign-in/types.ts";

/** Whose sign-ins the file may hold (agent.md §15). */
export const profileProviders = ["anthropic", "google", "github", "discord", "openai"] as const;
export type ProfileProvider = (typeof profileProviders)[number];

/** Model providers that a person signs in to in a browser: `openai` is what `codex:` uses, `google` what `gemini:` does. */
export type OAuthProvider = "openai" | "google";

/** What the stored sign-ins are opened with. */
export interface AccountsWorld {
  /** Names the state directory, and holds `CARAPACE_CONFIG_PASSWORD`. */
  readonly env: Environment;
  readonly nowMs: () => number;
  /** Where sign-ins are made and renewed, instead of the providers' own addresses. Those in the file are not asked. */
  readonly endpoints?: Partial<Readonly<Record<OAuthProvider, OAuthEndpoints>>>;
}

/** A stored sign-in without its secrets. */
export interface ProfileSummary {
  /** `openai-` or `google-` and 12 hex digits, or `anthropic:default`. */
  readonly id: string;
  readonly name: string;
  readonly provider: ProfileProvider;
  readonly kind: "oauth" | "token";
  readonly email?: string;
  readonly userId?: string;
  readonly createdAtMs: number;
  readonly lastUsedMs?: number;
  /** Of the access token. */
  readonly expiresAtMs?: number;
  /**
   * `ready`: can be used, or refreshed. `locked`: does not open with `CARAPACE_CONFIG_PASSWORD`, or that is not set.
   * `needs_login`: the provider takes it no more, or it ran out and cannot be renewed; its owner has to sign in anew.
   */
  readonly state: "ready" | "locked" | "needs_login";
}

/** A sign-in that was made and is not stored yet: nothing is written before `store`. */
export interface SignedIn {
  readonly profileId: string;
  readonly name: string;
  readonly email?: string;
  /** Keeps it, sealed; in place of an older one of the same id. May be called again after it was refused. */
  readonly store: () => Promise<Result<undefined>>;
}

/** What a request to a provider carries. */
export interface FreshToken {
  readonly profileId: string;
  readonly accessToken: Secret;
  /** Unknown: it does not run out, as far as its provider told. */
  readonly expiresAtMs?: number;
  /** `chatgpt_account_id` of an OpenAI token: the header `chatgpt-account-id`. */
  readonly accountId?: string;
}

export interface FreshTokenOptions {
  /** Whose sign-in it must be; another's is refused. */
  readonly provider: ProfileProvider;
  /** A token that its provider answered with 401: another one is to come back, refreshed if need be. */
  readonly refused?: Secret;
  readonly signal?: AbortSignal;
}

/** Why there is no token; `details` of the refusal. */
export interface TokenRefusalDetails {
  /**
   * `needs_login`: sign in anew. `locked`: `CARAPACE_CONFIG_PASSWORD` is missing or another. `not_found`: no such
   * sign-in, or one of another provider. `unreachable`: the sign-in server did not answer; try again later.
   */
  readonly reason: "needs_login" | "locked" | "not_found" | "unreachable" | "file";
}

/** The stored sign-ins of one state directory. Never throws for what files and servers hold. */
export interface Accounts {
  /** In the file's order; those this version cannot read are left out. */
  list(): Promise<Result<readonly ProfileSummary[]>>;
  find(profileId: string): Promise<Result<ProfileSummary | undefined>>;
  /** @returns whether it was there. Its tokens stay good at the provider until they run out. */
  remove(profileId: string): Promise<Result<boolean>>;
  /**
   * Signs in with a browser on this machine, or with what a person pastes from a browser elsewhere. Refused without
   * `CARAPACE_CONFIG_PASSWORD`: nothing could be stored. Dispose of it to end it early.
   */
  signInHere(request: SignInRequest, options?: SignInHereOptions): Promise<Result<SignInHere>>;
  /** A sign-in whose browser comes back to an address of ours that somebody else serves (http.md §12.4). */
  signInAt(request: SignInRequest, redirectUri: string): Result<SignInFlow>;
  /** `anthropic:default` from what `claude setup-token` prints: starts with `sk-ant-oat01-`, 80 characters or more. */
  setupToken(text: Secret): Result<SignedIn>;
  /** A token to send now: refreshed, and stored, if it is about to run out (60 s). See {@link TokenRefusalDetails}. */
  freshToken(profileId: string, options: FreshTokenOptions): Promise<Result<FreshToken>>;
  /** The application a stored sign-in was made with: what a next one starts from. */
  knownClient(provider: OAuthProvider): Promise<Result<OAuthClient | undefined>>;
}

export type TokenRefusal = Refusal & { readonly details: TokenRefusalDetails };
