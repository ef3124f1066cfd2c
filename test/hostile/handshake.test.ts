import { expect, test } from "bun:test";
import {
  challenge,
  introduce,
  openClient,
  plainConnect,
  remoteHeaders,
} from "../../packages/gateway/src/listen/testing/client.ts";
import { testDevice } from "../../packages/gateway/src/listen/testing/device.ts";
import { startGatewayProcess } from "../support/gateway-process.ts";
import { healthStatus } from "./connect.ts";

const tenMinutesMs = 600_000;

test("a signed connect frame is worth nothing on another socket, at another time, or without its nonce from afar", async () => {
  await using gateway = await startGatewayProcess();
  const connect = { ...plainConnect, auth: { token: gateway.token } };
  const device = testDevice(7);

  using first = await openClient(gateway.url);
  using second = await openClient(gateway.url);
  const nonce = await challenge(first);
  await challenge(second);
  const replayed = { ...connect, device: device.proof(connect, { nonce, signedAtMs: Date.now() }) };
  expect(await second.request("connect", replayed)).toMatchObject({
    error: { message: "device nonce mismatch" },
  });
  expect(await first.request("connect", replayed)).toMatchObject({ ok: true });
  expect(await first.request("connect", replayed)).toMatchObject({
    error: { message: "connect already completed" },
  });

  for (const skewMs of [-tenMinutesMs - 5000, tenMinutesMs + 5000]) {
    using late = await openClient(gateway.url);
    const answer = await introduce(late, { connect, device, signedAtMs: Date.now() + skewMs });
    expect(answer).toMatchObject({ error: { message: "device signature expired" } });
  }

  using far = await openClient(gateway.url, remoteHeaders);
  await challenge(far);
  const v1 = { ...connect, device: device.proof(connect, { signedAtMs: Date.now(), version: 1 }) };
  expect(await far.request("connect", v1)).toMatchObject({ error: { message: "device nonce required" } });
  expect(await healthStatus(gateway)).toBe(200);
});

test("a device token opens nothing but its own device, role and scopes", async () => {
  await using gateway = await startGatewayProcess();
  const scopes = ["operator.read"];
  using paired = await openClient(gateway.url);
  const hello = await introduce(paired, {
    connect: { auth: { token: gateway.token }, scopes },
    device: testDevice(9),
  });
  const token = Bun.inspect(hello).match(/deviceToken: "([^"]+)"/)?.[1];
  const attempts = [
    { role: "operator", scopes: ["operator.admin"], seed: 9 },
    { role: "operator", scopes: [], seed: 9 },
    { role: "operator", scopes: ["operator.*"], seed: 9 },
    { role: "node", scopes: [], seed: 9 },
    { role: "operator", scopes, seed: 10 },
  ];
  for (const { seed, ...asked } of attempts) {
    using thief = await openClient(gateway.url);
    const answer = await introduce(thief, {
      connect: { ...asked, auth: { token } },
      device: testDevice(seed),
    });
    expect(answer).toMatchObject({ ok: false, error: { message: "unauthorized: token mismatch" } });
  }
  using owner = await openClient(gateway.url);
  expect(
    await introduce(owner, { connect: { scopes, auth: { token } }, device: testDevice(9) }),
  ).toMatchObject({ ok: true });
}, 15_000);
