export { connect } from "./connect.ts";
export { type IdentityPlaces, openDeviceIdentity } from "./identity/open-identity.ts";
export type { GatewayConnection } from "./types.ts";
