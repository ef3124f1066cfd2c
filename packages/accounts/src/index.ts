export { adoptProfiles } from "./adopt.ts";
export { findClient } from "./client.ts";
export { openAccounts } from "./open.ts";
export { resealedProfiles } from "./reseal.ts";
export { readReturn } from "./sign-in/answer.ts";
export { endPage, foreignPage } from "./sign-in/page.ts";
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
