export { connect } from "./connect.ts";
export { openDeviceIdentity } from "./identity/open-identity.ts";
export type { GatewayConnection } from "./types.ts";
