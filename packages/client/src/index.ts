export { connect } from "./connect.ts";
export type { StoredIdentity } from "./identity/device-identity.ts";
export { identityFromSeed, readStoredIdentity, storedIdentity } from "./identity/device-identity.ts";
export { loadDeviceIdentity, openDeviceIdentity } from "./identity/identity-file.ts";
export type { ConnectToSign } from "./identity/sign-connect.ts";
export { signConnect } from "./identity/sign-connect.ts";
export type { CallLimits, ClientInfo, ConnectOptions, DeviceIdentity, GatewayConnection } from "./types.ts";
