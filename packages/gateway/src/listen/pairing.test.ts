import { expect, test } from "bun:test";
import { type ConnectRequest, isRecord } from "@carapace/protocol";
import { temporaryState } from "@carapace/state/testing";
import { createDevicePairing } from "../pairing/devices.ts";
import { type Frame, introduce, remoteHeaders } from "./testing/client.ts";
import { testDevice } from "./testing/device.ts";
import { startTestListener, type TestListener, testToken } from "./testing/listener.ts";

const token = { auth: { token: testToken } };

function deviceTokenOf(answer: Frame): string {
  const payload = isRecord(answer["payload"]) ? answer["payload"] : {};
  const auth = isRecord(payload["auth"]) ? payload["auth"] : {};
  return String(auth["deviceToken"] ?? "");
}

/** Connects and leaves. @returns the answer to `connect`. */
async function visit(
  gateway: TestListener,
  connect: Partial<ConnectRequest>,
  headers?: Record<string, string>,
) {
  using client = await gateway.open(headers);
  return await introduce(client, { connect, device: testDevice(7) });
}

test("a local device is paired at once, and gets another token each time it connects", async () => {
  await using gateway = await startTestListener();
  const first = deviceTokenOf(await visit(gateway, token));
  const second = deviceTokenOf(await visit(gateway, { auth: { token: first } }));
  expect(first).toMatch(/^[0-9a-f-]{36}$/);
  expect(second).not.toBe(first);
  expect(await visit(gateway, { auth: { token: first } })).toMatchObject({
    error: { message: "unauthorized: token mismatch" },
  });
  expect(await visit(gateway, { auth: { token: second } })).toMatchObject({ ok: true });
});

test("a device's own token between two guesses at the owner's secret does not make them uncounted", async () => {
  const http = { failedLoginsPerMinute: 2 };
  const nowMs = Date.now();
  await using gateway = await startTestListener({ http, nowMs: () => nowMs });
  let own = deviceTokenOf(await visit(gateway, token));
  const seen: unknown[] = [];
  for (const guess of ["a", "b", "c"]) {
    const guessed = await visit(gateway, { auth: { token: guess } }, remoteHeaders);
    seen.push(isRecord(guessed["error"]) && guessed["error"]["message"]);
    const answer = await visit(gateway, { auth: { token: own } }, remoteHeaders);
    own = deviceTokenOf(answer) || own;
  }
  expect(seen[0]).toBe("unauthorized: token mismatch");
  expect(String(seen[2])).toContain("too many failed attempts");
});

test("a device token in OpenClaw's own field counts too", async () => {
  await using gateway = await startTestListener();
  const deviceToken = deviceTokenOf(await visit(gateway, token));
  expect(await visit(gateway, { auth: { token: "stale", deviceToken } })).toMatchObject({ ok: true });
});

test("two sockets of one device share one live token, and both stay", async () => {
  await using gateway = await startTestListener();
  using one = await gateway.open();
  using other = await gateway.open();
  await introduce(one, { connect: token, device: testDevice(7) });
  const newest = deviceTokenOf(await introduce(other, { connect: token, device: testDevice(7) }));
  expect(await one.request("health")).toMatchObject({ ok: true });
  expect(await visit(gateway, { auth: { token: newest } })).toMatchObject({ ok: true });
});

test("a device token holds for the role and the scopes it was given for, no more", async () => {
  await using gateway = await startTestListener();
  const scopes = ["operator.read"];
  const deviceToken = deviceTokenOf(await visit(gateway, { ...token, scopes }));
  const auth = { token: deviceToken };
  const refused = { error: { message: "unauthorized: token mismatch" } };
  expect(await visit(gateway, { auth, scopes: ["operator.write"] })).toMatchObject(refused);
  expect(await visit(gateway, { auth })).toMatchObject(refused);
  expect(await visit(gateway, { auth, role: "node" })).toMatchObject(refused);
  expect(await visit(gateway, { auth, scopes })).toMatchObject({ ok: true });
});

test("another device cannot use a device's token", async () => {
  await using gateway = await startTestListener();
  const deviceToken = deviceTokenOf(await visit(gateway, token));
  using thief = await gateway.open();
  const answer = await introduce(thief, { connect: { auth: { token: deviceToken } }, device: testDevice(8) });
  expect(answer).toMatchObject({ error: { message: "unauthorized: token mismatch" } });
});

test("row 15: a remote device waits for the owner, once, and comes in after approval", async () => {
  await using gateway = await startTestListener();
  using owner = await gateway.open();
  await introduce(owner, { connect: token });
  const first = await visit(gateway, token, remoteHeaders);
  const requested = await owner.event("device.pair.requested");
  const payload = isRecord(requested["payload"]) ? requested["payload"] : {};
  const requestId = String(payload["requestId"]);
  expect(payload).toMatchObject({ deviceId: testDevice(7).id, silent: false, isRepair: false });
  expect(first).toMatchObject({
    error: {
      code: "not_paired",
      message: "pairing required",
      details: { requestId, details: { requestId } },
    },
  });
  expect(await visit(gateway, { ...token, scopes: ["operator.read"] }, remoteHeaders)).toMatchObject({
    error: { details: { requestId } },
  });
  expect(owner.frames.filter((frame) => frame["event"] === "device.pair.requested")).toHaveLength(1);
  expect(await gateway.pairing.approve(requestId)).toMatchObject({ ok: true });
  expect(await owner.event("device.pair.resolved")).toMatchObject({
    payload: { requestId, decision: "approved" },
  });
  expect(deviceTokenOf(await visit(gateway, token, remoteHeaders))).not.toBe("");
});

test("row 16: the 26th waiting device is turned away", async () => {
  await using gateway = await startTestListener();
  for (let seed = 10; seed < 35; seed += 1) {
    using client = await gateway.open(remoteHeaders);
    const answer = await introduce(client, { connect: token, device: testDevice(seed) });
    expect(answer).toMatchObject({ error: { message: "pairing required" } });
  }
  using client = await gateway.open(remoteHeaders);
  expect(await introduce(client, { connect: token, device: testDevice(99) })).toMatchObject({
    error: { code: "unavailable", message: "too many pending pairing requests", retryable: true },
  });
  expect(await client.closed).toEqual({ code: 1008, reason: "too many pending pairing requests" });
});

test("row 17: a device whose token cannot be stored is not let in", async () => {
  await using storage = await temporaryState();
  const rotateToken = async () => {
    throw new Error("disk full");
  };
  const ignore = () => undefined;
  const pairing = createDevicePairing({
    devices: { ...storage.state.devices, rotateToken },
    audit: storage.state.audit,
    hub: { publish: ignore, closeWhere: () => 0 },
    nowMs: Date.now,
    newId: () => crypto.randomUUID(),
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  });
  await using gateway = await startTestListener({ pairing });
  using client = await gateway.open();
  const answer = await introduce(client, { connect: token, device: testDevice(7) });
  expect(answer).toMatchObject({
    error: {
      code: "invalid_request",
      message: expect.stringMatching(/^device token issuance failed: [^/]+$/),
    },
  });
  expect(await client.closed).toEqual({ code: 1008, reason: "device token issuance failed" });
});

test("pairing again for another role keeps the first", async () => {
  await using gateway = await startTestListener();
  await visit(gateway, { ...token, scopes: ["operator.read"] });
  await visit(gateway, { ...token, role: "node", scopes: [] });
  const { paired } = await gateway.pairing.list();
  expect(paired).toMatchObject([{ roles: ["operator", "node"], scopes: ["operator.read"] }]);
});

test("an unpaired device's sockets are closed, whatever their role", async () => {
  await using gateway = await startTestListener();
  using operator = await gateway.open();
  using node = await gateway.open();
  await introduce(operator, { connect: token, device: testDevice(7) });
  await introduce(node, { connect: { ...token, role: "node", scopes: [] }, device: testDevice(7) });
  expect(await gateway.pairing.remove(testDevice(7).id)).toMatchObject({ ok: true });
  for (const client of [operator, node]) {
    expect(await client.closed).toEqual({ code: 1008, reason: "device pairing removed" });
  }
});

test("a revoked token closes the device's sockets of that role and lets nobody in", async () => {
  await using gateway = await startTestListener();
  using client = await gateway.open();
  const deviceToken = deviceTokenOf(await introduce(client, { connect: token, device: testDevice(7) }));
  expect(await gateway.pairing.revokeToken(testDevice(7).id, "operator")).toMatchObject({ ok: true });
  expect(await client.closed).toEqual({ code: 1008, reason: "device token revoked" });
  expect(await visit(gateway, { auth: { token: deviceToken } })).toMatchObject({ ok: false });
  expect(await gateway.pairing.revokeToken(testDevice(7).id, "operator")).toMatchObject({
    ok: false,
    say: "unknown deviceId/role",
  });
});
