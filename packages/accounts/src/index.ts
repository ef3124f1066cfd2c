/** Stored sign-ins with model providers (agent.md §15). Opened with `openAccounts(world)`. */
export type {
  OAuthClient,
  OAuthEndpoints,
  SignInAnswer,
  SignInFlow,
  SignInHere,
  SignInHereOptions,
  SignInRequest,
} from "./sign-in/types.ts";
export type {
  Accounts,
  AccountsWorld,
  FreshToken,
  FreshTokenOptions,
  OAuthProvider,
  ProfileProvider,
  ProfileSummary,
  SignedIn,
  TokenRefusalDetails,
} from "./types.ts";
