import { expect, test } from "bun:test";
import { controlBodies, healthBodies } from "@carapace/protocol";
import { readEvents } from "./testing/events.ts";
import { enabled, startControlled } from "./testing/gateway.ts";

const paths = ["/control/channels", "/control/config", "/control/events", "/control/onboarding/status"];
const reload = { mode: "off" };

test("the control API is there only where it is switched on; its status always is", async () => {
  await using off = await startControlled(JSON.stringify({ gateway: { reload } }));
  for (const path of paths) expect((await off.get(path)).status).toBe(404);
  const status = await off.get("/control/status");
  expect(controlBodies.status.parse(status.body)).toMatchObject({
    ok: true,
    runtime: { name: "carapace" },
    diagnostics: { storageWritable: true, sessionCount: 0, openFds: expect.any(Number) },
  });
});

test("it comes and goes with the file, without a restart", async () => {
  const off = JSON.stringify({ gateway: { reload: { mode: "hot", debounceMs: 60_000 } } });
  await using gateway = await startControlled(off);
  await gateway.write(JSON.stringify({ gateway: { control: { enabled: true } } }));
  await gateway.reload();
  expect((await gateway.get("/control/channels")).status).toBe(200);
  expect((await gateway.get("/openapi.json")).text).toContain("/control/channels");
  await gateway.write("{}");
  await gateway.reload();
  expect((await gateway.get("/control/channels")).status).toBe(404);
  expect((await gateway.get("/openapi.json")).text).not.toContain("/control/channels");
});

test("the control page, which needs it, switches it on", async () => {
  const config = { gateway: { reload, controlUi: { enabled: true } } };
  await using gateway = await startControlled(JSON.stringify(config));
  expect((await gateway.get("/control/config")).status).toBe(200);
});

test("without the credential every route is closed", async () => {
  await using gateway = await startControlled();
  for (const path of [...paths, "/control/status"]) {
    for (const headers of [{}, { Authorization: "Bearer wrong" }]) {
      const answer = await fetch(gateway.http + path, { headers });
      expect([answer.status, await answer.json()]).toEqual([401, { ok: false, error: "Unauthorized" }]);
    }
  }
});

test("every answer is as its schema says", async () => {
  await using gateway = await startControlled();
  expect(controlBodies.channels.safeParse((await gateway.get("/control/channels")).body).success).toBe(true);
  expect(controlBodies.config.safeParse((await gateway.get("/control/config")).body).success).toBe(true);
  const onboarding = await gateway.get("/control/onboarding/status");
  expect(controlBodies.onboarding.safeParse(onboarding.body).success).toBe(true);
  expect(healthBodies.live.safeParse((await gateway.get("/health")).body).success).toBe(true);
});

test("events arrive over HTTP, and a stop ends the stream with a last one", async () => {
  await using gateway = await startControlled();
  const response = await fetch(`${gateway.http}/control/events`, { headers: gateway.bearer });
  const events = readEvents(response.body);
  await events.next(({ event }) => event === "tick");
  const closing = gateway.close();
  const rest = await events.rest();
  await closing;
  expect(rest.map(({ event }) => event).filter((event) => event !== "presence")).toEqual([
    "shutdown",
    "stream.closed",
  ]);
  expect(rest.at(-1)?.data).toBe('{"reason":"gateway stopping"}');
});

test("a reader that hangs up is no longer counted", async () => {
  await using gateway = await startControlled(JSON.stringify(enabled));
  const hangUp = new AbortController();
  const { signal } = hangUp;
  await fetch(`${gateway.http}/control/events`, { headers: gateway.bearer, signal });
  const second = readEvents(
    (await fetch(`${gateway.http}/control/events`, { headers: gateway.bearer })).body,
  );
  const countOf = (data: string) => JSON.parse(data).payload.presence.length;
  await second.next(({ event, data }) => event === "presence" && countOf(data) === 2);
  hangUp.abort();
  await second.next(({ event, data }) => event === "presence" && countOf(data) === 1);
  await second.cancel();
});

test("what keeps the gateway from being ready is told to its owner only", async () => {
  await using gateway = await startControlled();
  const path = "/health/ready?verbose=1";
  const { status, body } = await gateway.get(path);
  expect([status, healthBodies.ready.parse(body).failing]).toEqual([200, []]);
  const stranger = await fetch(gateway.http + path);
  expect([stranger.status, await stranger.json()]).toEqual([401, { ok: false, error: "Unauthorized" }]);
  const plain = await fetch(`${gateway.http}/health/ready?verbose=0`);
  expect([plain.status, Object.hasOwn(Object(await plain.json()), "failing")]).toEqual([200, false]);
});

test("a page of another site changes nothing, with or without a session of ours", async () => {
  await using gateway = await startControlled();
  const before = await gateway.text();
  const body = { path: "gateway.controlUi.enabled", value: true, baseHash: "x" };
  const foreign = { ...gateway.bearer, Origin: "https://evil.example" };
  const session = { ...gateway.bearer, Origin: gateway.http, Cookie: "session=abc; csrf=def" };
  for (const headers of [foreign, session]) {
    const answer = await gateway.patch(body, headers);
    expect([answer.status, answer.body["error"]]).toMatchObject([403, { code: "csrf_error" }]);
  }
  expect((await gateway.patch(body, { ...gateway.bearer, Origin: gateway.http })).status).toBe(409);
  expect(await gateway.text()).toBe(before);
});
