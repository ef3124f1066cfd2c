export {
  type OAuthServer,
  type OAuthServerOptions,
  oauthServer,
  type Refusing,
  refusing,
  testClientId,
} from "./oauth-server.ts";
export { accountsWorld, testPassword } from "./world.ts";
