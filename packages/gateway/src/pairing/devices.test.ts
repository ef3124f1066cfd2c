import { expect, test } from "bun:test";
import type { ConnectClient } from "@carapace/protocol";
import { temporaryState } from "@carapace/state/testing";
import { createHub } from "../connection/hub.ts";
import { testDevice } from "../listen/testing/device.ts";
import type { Arrival } from "./admit.ts";
import { createDevicePairing, type DevicePairing } from "./devices.ts";

const client = { id: "cli", mode: "cli", version: "1", platform: "linux" } as ConnectClient;
const hour = 3_600_000;
const day = 24 * hour;

function arrival(seed: number, changes: Partial<Arrival> = {}): Arrival {
  const { id, publicKey } = testDevice(seed);
  const scopes = ["operator.read"];
  return {
    device: { id, publicKey },
    role: "operator",
    scopes,
    client,
    remoteIp: "203.0.113.9",
    isLocalDirect: false,
    ...changes,
  };
}

const local = (seed: number, changes: Partial<Arrival> = {}) =>
  arrival(seed, { remoteIp: undefined, isLocalDirect: true, ...changes });

/** Pairing over a real database, at a time the test sets. */
async function office() {
  await using opened = new AsyncDisposableStack();
  const { state } = opened.use(await temporaryState());
  const clock = { nowMs: 1_700_000_000_000 };
  const nowMs = () => clock.nowMs;
  const hub = opened.use(createHub({ nowMs }));
  const ignore = () => undefined;
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const newId = () => crypto.randomUUID();
  const pairing = createDevicePairing({ devices: state.devices, audit: state.audit, hub, nowMs, newId, log });
  const closing = opened.move();
  return { pairing, clock, devices: state.devices, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

async function ask(pairing: DevicePairing, from: Arrival): Promise<string> {
  expect(await pairing.admit(from)).toMatchObject({ ok: false, code: "not_paired", say: "pairing required" });
  const { pending } = await pairing.list();
  return pending.find(({ deviceId }) => deviceId === from.device.id)?.requestId ?? "";
}

test("a request that waits an hour expires, and is forgotten an hour later", async () => {
  await using desk = await office();
  const requestId = await ask(desk.pairing, arrival(1));
  desk.clock.nowMs += hour + 1;
  expect((await desk.pairing.list()).pending).toEqual([]);
  expect(await desk.pairing.approve(requestId)).toMatchObject({ ok: false, say: "request expired" });
  desk.clock.nowMs += hour;
  expect(await desk.pairing.approve(requestId)).toMatchObject({ ok: false, say: "request not found" });
  expect(await desk.devices.requests()).toEqual([]);
});

test("an answered request cannot be answered again; an unknown one not at all", async () => {
  await using desk = await office();
  const rejected = await ask(desk.pairing, arrival(1));
  expect(await desk.pairing.reject(rejected)).toEqual({
    ok: true,
    value: { requestId: rejected, deviceId: testDevice(1).id },
  });
  const approved = await ask(desk.pairing, arrival(2));
  expect(await desk.pairing.approve(approved)).toMatchObject({ ok: true });
  for (const requestId of [rejected, approved]) {
    const again = { ok: false, code: "conflict", say: "request already resolved" };
    expect(await desk.pairing.approve(requestId)).toMatchObject(again);
    expect(await desk.pairing.reject(requestId)).toMatchObject(again);
  }
  expect(await desk.pairing.approve("x")).toMatchObject({
    ok: false,
    code: "not_found",
    say: "request not found",
  });
});

test("approval grants what was asked at first, not what a repeat asks", async () => {
  await using desk = await office();
  const requestId = await ask(desk.pairing, arrival(1));
  await ask(desk.pairing, arrival(1, { scopes: ["operator.admin"] }));
  const approved = await desk.pairing.approve(requestId);
  expect(approved).toMatchObject({ value: { device: { roles: ["operator"], scopes: ["operator.read"] } } });
  expect(approved).not.toHaveProperty("value.device.remoteIp");
  expect(await desk.pairing.admit(arrival(1))).toMatchObject({ ok: true });
  expect(await desk.pairing.admit(arrival(1, { scopes: ["operator.admin"] }))).toMatchObject({
    code: "not_paired",
  });
  expect((await desk.pairing.list()).pending).toMatchObject([{ isRepair: true }]);
});

test("another key under a stored device's id is refused", async () => {
  await using desk = await office();
  await desk.pairing.admit(local(1));
  const { id } = testDevice(1);
  const { publicKey } = testDevice(2);
  expect(await desk.pairing.admit(local(1, { device: { id, publicKey } }))).toMatchObject({
    ok: false,
    say: "device identity mismatch",
  });
});

test("the 51st pairing takes the place of the oldest, whose token ends with it", async () => {
  await using desk = await office();
  const first = await desk.pairing.admit(local(1));
  if (!first.ok) throw new Error(first.say);
  for (let seed = 2; seed <= 51; seed += 1) {
    desk.clock.nowMs += 1;
    expect(await desk.pairing.admit(local(seed))).toMatchObject({ ok: true });
  }
  const { paired } = await desk.pairing.list();
  expect(paired).toHaveLength(50);
  const use = { deviceId: testDevice(1).id, role: "operator", scopes: ["operator.read"] };
  expect(await desk.pairing.isLiveToken(first.value.token, use)).toBe(false);
});

test("a token lives 90 days, is bound to its use, and is stored as a digest only", async () => {
  await using desk = await office();
  const issued = await desk.pairing.admit(local(1));
  if (!issued.ok) throw new Error(issued.say);
  const { token } = issued.value;
  const use = { deviceId: testDevice(1).id, role: "operator", scopes: ["operator.read"] };
  expect(await desk.pairing.isLiveToken(token, use)).toBe(true);
  expect(await desk.pairing.isLiveToken(token, { ...use, scopes: [] })).toBe(true);
  expect(await desk.pairing.isLiveToken(token, { ...use, role: "node" })).toBe(false);
  expect(await desk.pairing.isLiveToken(token, { ...use, deviceId: testDevice(2).id })).toBe(false);
  expect(await desk.pairing.isLiveToken(token, { ...use, scopes: ["operator.admin"] })).toBe(false);
  expect(await desk.pairing.isLiveToken(`${token} `, use)).toBe(false);
  expect(await desk.devices.findToken(token)).toBeUndefined();
  desk.clock.nowMs += 90 * day - 1;
  expect(await desk.pairing.isLiveToken(token, use)).toBe(true);
  desk.clock.nowMs += 1;
  expect(await desk.pairing.isLiveToken(token, use)).toBe(false);
});

test("a token can be replaced by hand, within what the device was approved for", async () => {
  await using desk = await office();
  await desk.pairing.admit(local(1));
  const { id } = testDevice(1);
  const rotated = await desk.pairing.rotateToken(id, "operator");
  expect(rotated).toMatchObject({
    ok: true,
    value: { deviceId: id, role: "operator", scopes: ["operator.read"] },
  });
  expect(await desk.pairing.rotateToken("x", "operator")).toMatchObject({
    ok: false,
    say: "unknown deviceId/role",
  });
  expect(await desk.pairing.rotateToken(id, "node")).toMatchObject({ ok: false, say: "role not allowed" });
  expect(await desk.pairing.rotateToken(id, "operator", ["operator.admin"])).toMatchObject({
    say: "scope not allowed",
  });
});

test("a token replaced by hand keeps the scopes of the one before", async () => {
  await using desk = await office();
  const { id } = testDevice(1);
  await desk.pairing.admit(local(1, { scopes: ["operator.read", "operator.write"] }));
  await desk.pairing.rotateToken(id, "operator", ["operator.read"]);
  const rotated = await desk.pairing.rotateToken(id, "operator");
  expect(rotated).toMatchObject({ ok: true, value: { scopes: ["operator.read"] } });
});

test("connecting again and again leaves no heap of dead tokens", async () => {
  await using desk = await office();
  for (let visit = 0; visit < 20; visit += 1) {
    desk.clock.nowMs += 1;
    await desk.pairing.admit(local(1));
  }
  expect((await desk.devices.tokens()).length).toBeLessThanOrEqual(2);
});

test("an unpaired device has no token left and has to ask again", async () => {
  await using desk = await office();
  const issued = await desk.pairing.admit(local(1));
  if (!issued.ok) throw new Error(issued.say);
  const { id } = testDevice(1);
  expect(await desk.pairing.remove(id)).toEqual({ ok: true, value: { deviceId: id, removed: true } });
  expect(await desk.pairing.remove(id)).toMatchObject({ ok: false, say: "unknown deviceId" });
  const use = { deviceId: id, role: "operator", scopes: ["operator.read"] };
  expect(await desk.pairing.isLiveToken(issued.value.token, use)).toBe(false);
  expect(await desk.pairing.admit(arrival(1))).toMatchObject({ ok: false, say: "pairing required" });
});

test("many sockets of one new device at once make one pairing and leave one live token", async () => {
  await using desk = await office();
  const results = await Promise.all(Array.from({ length: 10 }, () => desk.pairing.admit(local(1))));
  const use = { deviceId: testDevice(1).id, role: "operator", scopes: ["operator.read"] };
  const live: boolean[] = [];
  for (const issued of results)
    live.push(issued.ok && (await desk.pairing.isLiveToken(issued.value.token, use)));
  expect(live.filter(Boolean)).toHaveLength(1);
  expect((await desk.pairing.list()).paired).toHaveLength(1);
});
