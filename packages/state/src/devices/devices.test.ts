import { expect, test } from "bun:test";
import { temporaryState } from "../testing/index.ts";
import type { DeviceToken, PairedDevice, PairingRequest } from "./types.ts";

const device: PairedDevice = {
  deviceId: "d1",
  publicKey: "pk",
  displayName: "Phone",
  roles: ["operator"],
  scopes: ["operator.read"],
  createdAtMs: 1,
  approvedAtMs: 2,
};

const request: PairingRequest = {
  requestId: "q1",
  deviceId: "d1",
  publicKey: "pk",
  state: "pending",
  role: "operator",
  scopes: [],
  silent: false,
  isRepair: false,
  createdAtMs: 1,
};

function token(tokenHash: string, role = "operator"): DeviceToken {
  return {
    tokenHash,
    deviceId: "d1",
    role,
    scopes: ["operator.read"],
    issuedAtMs: 1,
    expiresAtMs: 100,
    revoked: false,
  };
}

test("devices and requests are kept, replaced and removed", async () => {
  await using fixture = await temporaryState();
  await fixture.state.devices.save(device);
  await fixture.state.devices.save({ ...device, lastSeenAtMs: 9 });
  await fixture.state.devices.saveRequest(request);
  const { devices, verify } = await fixture.reopen();
  expect(await devices.find("d1")).toEqual({ ...device, lastSeenAtMs: 9 });
  expect(await devices.list()).toHaveLength(1);
  expect(await devices.requests()).toEqual([request]);
  await devices.saveRequest({ ...request, state: "approved", resolvedAtMs: 5 });
  expect(await devices.requests()).toMatchObject([{ state: "approved" }]);
  await devices.removeRequest("q1");
  expect(await devices.requests()).toEqual([]);
  expect(await devices.remove("d1")).toBe(true);
  expect(await devices.remove("d1")).toBe(false);
  expect(await devices.find("d1")).toBeUndefined();
  expect(await verify()).toEqual([]);
});

test("a new token revokes the earlier ones of its device and role", async () => {
  await using fixture = await temporaryState();
  const { devices } = fixture.state;
  await devices.rotateToken(token("h1"));
  await devices.rotateToken(token("h2", "node"));
  await devices.rotateToken(token("h3"));
  expect(await devices.findToken("h1")).toMatchObject({ revoked: true });
  expect(await devices.findToken("h2")).toMatchObject({ revoked: false });
  expect(await devices.findToken("h3")).toMatchObject({ revoked: false });
  expect(await devices.revokeTokens("d1", "operator")).toBe(1);
  expect(await devices.revokeTokens("d1", "operator")).toBe(0);
  expect(await devices.findToken("none")).toBeUndefined();
});

test("tokens nobody needs any more are forgotten with the next one", async () => {
  await using fixture = await temporaryState();
  await fixture.state.devices.rotateToken(token("h1"));
  await fixture.state.devices.rotateToken(token("h2", "node"));
  await fixture.state.devices.rotateToken(token("h3"), ["h1", "unknown"]);
  const { devices, verify } = await fixture.reopen();
  expect((await devices.tokens()).map((one) => one.tokenHash)).toEqual(["h2", "h3"]);
  expect(await verify()).toEqual([]);
});

test("removing a device takes its tokens with it", async () => {
  await using fixture = await temporaryState();
  const { devices } = fixture.state;
  await devices.save(device);
  await devices.rotateToken(token("h1"));
  await devices.remove("d1");
  expect(await devices.findToken("h1")).toBeUndefined();
});
