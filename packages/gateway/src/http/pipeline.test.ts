import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import { startTestListener, testToken } from "../listen/testing/listener.ts";
import { openRaw } from "../listen/testing/raw.ts";
import { createMetrics } from "../metrics/metrics.ts";
import { json } from "./json.ts";
import type { Route } from "./route.ts";
import { testRoute } from "./testing/routes.ts";

const bearer = { Authorization: `Bearer ${testToken}` };

test("health answers with status, version and uptime, and with nothing a page could use", async () => {
  let nowMs = 1_700_000_000_000;
  await using gateway = await startTestListener({ nowMs: () => nowMs });
  nowMs += 61_500;
  for (const path of ["/health", "/health/live", "/health?x=1"]) {
    const answer = await fetch(gateway.http + path);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: "ok", version: expect.any(String), uptimeSeconds: 61 });
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("x-frame-options")).toBe("DENY");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("strict-transport-security")).toBeNull();
  }
});

test("ready says whether the gateway can work", async () => {
  let isReady = true;
  await using gateway = await startTestListener({ isReady: () => isReady });
  expect(await (await fetch(`${gateway.http}/health/ready`)).json()).toMatchObject({ status: "ready" });
  isReady = false;
  const answer = await fetch(`${gateway.http}/health/ready`);
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(await answer.json()).toMatchObject({ status: "not_ready" });
});

test("unknown paths are 404, other verbs 405 with Allow, HEAD works", async () => {
  await using gateway = await startTestListener();
  for (const path of ["/", "/healthy", "/constructor", "/control/", "/health/"]) {
    expect((await fetch(gateway.http + path)).status).toBe(404);
  }
  const post = await fetch(`${gateway.http}/health`, { method: "POST", body: "x" });
  expect([post.status, post.headers.get("allow")]).toEqual([405, "GET,HEAD"]);
  expect((await fetch(`${gateway.http}/health`, { method: "OPTIONS" })).status).toBe(405);
  const head = await fetch(`${gateway.http}/health`, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});

test("control status needs the credential, by token or by password", async () => {
  await using gateway = await startTestListener();
  const url = `${gateway.http}/control/status`;
  const refused = await fetch(url);
  expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  expect(await refused.json()).toEqual({ ok: false, error: "Unauthorized" });
  for (const Authorization of [
    "Bearer wrong",
    "Bearer ",
    `bearer ${testToken}`,
    `Basic ${testToken}`,
    testToken,
  ]) {
    expect((await fetch(url, { headers: { Authorization } })).status).toBe(401);
  }
  const answer = await fetch(url, { headers: bearer });
  expect(await answer.json()).toMatchObject({
    ok: true,
    startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    connectedChannels: 0,
    totalChannels: 0,
    runtime: { name: "carapace" },
    diagnostics: { storageWritable: true, memoryRssBytes: expect.any(Number) },
  });
  const credentials = { mode: "password", secret: new Secret("pw"), allowTailscale: false } as const;
  await using other = await startTestListener({ credentials });
  expect(
    (await fetch(`${other.http}/control/status`, { headers: { Authorization: "Bearer pw" } })).status,
  ).toBe(200);
});

test("mode none lets local callers in, but no page that reached loopback under its own name", async () => {
  await using gateway = await startTestListener({ credentials: { mode: "none", allowTailscale: false } });
  const url = `${gateway.http}/control/status`;
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(url, { headers: { "X-Forwarded-For": "203.0.113.9" } })).status).toBe(401);
  for (const path of ["/health", "/control/status", "/ws"]) {
    using raw = await openRaw(gateway.listener.port);
    raw.write(`GET ${path} HTTP/1.1\r\nHost: evil.example:${gateway.listener.port}\r\n\r\n`);
    await raw.until("answers to localhost only");
    expect(raw.received()).toStartWith("HTTP/1.1 421");
  }
});

test("a registered route is served with its parameters and its body, and taken out again", async () => {
  const echo: Route = {
    ...{ method: "POST", path: "/things/:id", family: "tools", maxBodyBytes: 4 },
    doc: { summary: "Echo", tag: "test", answers: {} },
    async handle({ params, body }) {
      const read = await body();
      return read.ok ? json({ id: params["id"], text: read.text() }) : read.response;
    },
  };
  await using gateway = await startTestListener({ routes: [echo] });
  const post = (body: string, headers = bearer) =>
    fetch(`${gateway.http}/things/a%20b`, { method: "POST", body, headers });
  expect(await (await post("four")).json()).toEqual({ id: "a b", text: "four" });
  expect((await post("fives")).status).toBe(413);
  expect((await post("four", { Authorization: "Bearer wrong" })).status).toBe(401);
  gateway.listener.serve([]);
  expect((await post("four")).status).toBe(404);
});

test("before the gateway is open, only health and status are there", async () => {
  await using gateway = await startTestListener({ routes: "starting" });
  const early = await fetch(`${gateway.http}/things`);
  expect([early.status, early.headers.get("retry-after")]).toEqual([503, "1"]);
  expect((await fetch(`${gateway.http}/health`)).status).toBe(200);
  expect((await fetch(`${gateway.http}/control/status`, { headers: bearer })).status).toBe(200);
});

test("every answer is counted by the pattern of its route, never by what a caller wrote", async () => {
  const metrics = createMetrics();
  await using gateway = await startTestListener({ metrics, routes: [testRoute({ path: "/things/:id" })] });
  for (const path of ["/health", "/things/a", "/things/b", "/anything", "/else"]) {
    await fetch(gateway.http + path);
  }
  await fetch(`${gateway.http}/health`, { method: "HEAD" });
  const counted = (await metrics.render()).split("\n").filter((line) => /http_requests_total\{/.test(line));
  expect(counted).toContain('carapace_http_requests_total{method="GET",path="/health",status="200"} 1');
  expect(counted).toContain('carapace_http_requests_total{method="HEAD",path="/health",status="200"} 1');
  expect(counted).toContain('carapace_http_requests_total{method="GET",path="/things/:id",status="200"} 2');
  expect(counted).toContain('carapace_http_requests_total{method="GET",path="other",status="404"} 2');
});
