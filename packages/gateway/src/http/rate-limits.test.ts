import { expect, test } from "bun:test";
import type { Arrivals, Refused } from "../audit/arrivals.ts";
import { startTestListener } from "../listen/testing/listener.ts";
import { testRoute } from "./testing/routes.ts";

const rates = {
  isEnabled: true,
  prefixes: [{ prefix: "/tools/", rate: { perSecond: 2, burst: 3 } }],
  rest: { perSecond: 1, burst: 2 },
};
const trusted = new Set(["127.0.0.1"]);
const routes = [testRoute({ path: "/plain" }), testRoute({ path: "/tools/x", family: "public" })];

async function started(isEnabled = true) {
  let nowMs = 1_700_000_000_000;
  const refused: Refused[] = [];
  const arrivals: Arrivals = {
    accepted: async () => undefined,
    refused: (arrival) => void refused.push(arrival),
  };
  const http = { rates: { ...rates, isEnabled }, trusted };
  const gateway = await startTestListener({ routes, http, arrivals, nowMs: () => nowMs });
  return {
    refused,
    passes(ms: number) {
      nowMs += ms;
    },
    call: (path: string, ip?: string) =>
      fetch(gateway.http + path, ip === undefined ? {} : { headers: { "X-Forwarded-For": ip } }),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

test("who comes too often is told when to come back, each answer how much is left", async () => {
  await using gateway = await started();
  const first = await gateway.call("/plain", "203.0.113.9");
  expect(first.headers.get("x-ratelimit-limit")).toBe("1");
  expect(first.headers.get("ratelimit")).toBe("limit=2, remaining=1, reset=1");
  await gateway.call("/nowhere", "203.0.113.9");
  const refused = await gateway.call("/plain", "203.0.113.9");
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(refused.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(refused.headers.get("ratelimit")).toBe("limit=2, remaining=0, reset=1");
  expect(await refused.json()).toEqual({
    error: { code: "rate_limit_exceeded", message: "Too many requests", retryAfter: 1 },
  });
  expect(gateway.refused).toMatchObject([
    { kind: "rate_limit_hit", ip: "203.0.113.9", endpoint: "/plain", reason: "too many requests" },
  ]);
  gateway.passes(1000);
  expect((await gateway.call("/plain", "203.0.113.9")).status).toBe(200);
});

test("each prefix and each caller has a limit of its own", async () => {
  await using gateway = await started();
  for (const left of [1, 0]) {
    const answer = await gateway.call("/plain", "2001:db8::1");
    expect(answer.headers.get("ratelimit")).toContain(`remaining=${left},`);
  }
  expect((await gateway.call("/plain", "2001:db8::2")).status).toBe(429);
  expect((await gateway.call("/plain", "2001:db8:0:1::1")).status).toBe(200);
  const tools = await gateway.call("/tools/x", "2001:db8::1");
  expect(tools.headers.get("ratelimit")).toBe("limit=3, remaining=2, reset=1");
});

test("a program on this machine is not limited, whoever comes through a proxy is", async () => {
  await using gateway = await started();
  for (let count = 0; count < 5; count += 1) {
    const answer = await gateway.call("/plain");
    expect([answer.status, answer.headers.get("ratelimit")]).toEqual([200, "limit=2, remaining=2, reset=1"]);
  }
  const seen = [];
  for (let count = 0; count < 3; count += 1) seen.push((await gateway.call("/plain", "unknown")).status);
  expect(seen).toEqual([200, 200, 429]);
});

test("the limits can be switched off", async () => {
  await using gateway = await started(false);
  for (let count = 0; count < 5; count += 1) {
    expect((await gateway.call("/plain", "203.0.113.9")).status).toBe(200);
  }
});
