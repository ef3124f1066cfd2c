import type { Secret } from "@carapace/config";
import type { Result } from "@carapace/protocol";
import type { OAuthProvider, SignedIn } from "../types.ts";

/** An application registered with a provider; the owner picks it. */
export interface OAuthClient {
  readonly id: string;
  /** Absent: a public client. */
  readonly secret?: Secret;
}

/** A provider's addresses; https, or http on this machine. */
export interface OAuthEndpoints {
  readonly authorize: string;
  readonly token: string;
  /** Absent: the token itself says who it is of. */
  readonly userInfo?: string;
  /** Where the browser comes back to on this machine, if applications without a secret are registered for that alone. */
  readonly publicRedirectUri?: string;
}

export interface SignInRequest {
  readonly provider: OAuthProvider;
  readonly client: OAuthClient;
  /** Instead of those that a model needs. */
  readonly scopes?: readonly string[];
}

export interface SignInHereOptions {
  /**
   * Where the browser comes back to, if the application is registered for it, as in `http://localhost:1455/auth/callback`.
   * Otherwise the provider's `publicRedirectUri` for one without a secret, else `127.0.0.1`, a port of the system's choice
   * and `/auth/callback`.
   */
  readonly redirectUri?: string;
  /** 300 000 unless told. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A sign-in that waits for a browser. Ends, whatever happens, when `done` does. */
export interface SignInHere extends AsyncDisposable {
  /** For the browser. */
  readonly authUrl: string;
  readonly redirectUri: string;
  /**
   * What a person copied: the code, or the whole address the browser ended at. Refused, and the sign-in goes on, if it
   * is neither, or of another sign-in.
   */
  paste(text: string): Result<undefined>;
  /** Who signed in; or why nobody did. Never rejects. */
  readonly done: Promise<Result<SignedIn>>;
}

/** What a provider sends a browser back with. */
export type SignInAnswer =
  | { readonly code: string }
  | { readonly error: string; readonly description?: string };

/** A sign-in whose browser somebody else waits for. */
export interface SignInFlow {
  readonly provider: OAuthProvider;
  readonly authUrl: string;
  readonly redirectUri: string;
  /** Comes back with the answer: one with another is not of this sign-in. */
  readonly state: string;
  /** Exchanges the code, once: a second call gets the first one's result. Never rejects. */
  finish(answer: SignInAnswer, signal?: AbortSignal): Promise<Result<SignedIn>>;
}
