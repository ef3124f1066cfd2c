export { connect } from "./connect.ts";
export { openDeviceIdentity } from "./identity/identity-file.ts";
export type { GatewayConnection } from "./types.ts";
