import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import type { Credentials } from "../connection/credentials.ts";
import { startTestListener } from "../listen/testing/listener.ts";
import type { RouteFamily } from "./route.ts";
import { exchange, request } from "./testing/raw-http.ts";
import { testRoute } from "./testing/routes.ts";

const families: readonly RouteFamily[] = [
  "public",
  "page",
  "webhook",
  "local",
  "control",
  "openai",
  "tools",
  "hooks",
];
const routes = families.map((family) => testRoute({ path: `/${family}`, family, method: "ANY" }));

const modes: Readonly<Record<string, Credentials>> = {
  none: { mode: "none", allowTailscale: false },
  token: { mode: "token", secret: new Secret("right"), allowTailscale: false },
  password: { mode: "password", secret: new Secret("right"), allowTailscale: false },
  "password without one": { mode: "password", allowTailscale: false },
  tailnet: { mode: "token", secret: new Secret("right"), allowTailscale: true },
};
const right = "Authorization: Bearer right";
const forwarded = "X-Forwarded-For: 100.64.0.7";
const tailnet = [
  forwarded,
  "X-Forwarded-Proto: https",
  "X-Forwarded-Host: box.ts.net",
  "Host: box.tail1.ts.net",
];

/** Mode, headers → who it is taken for; a number: refused with it. */
const table: readonly [keyof typeof modes, readonly string[], string | number][] = [
  ["none", [], "local"],
  ["none", [right], "local"],
  ["none", ["Host: 127.0.0.1:9"], "local"],
  ["none", ["Host: [::1]"], "local"],
  ["none", [forwarded], 401],
  ["none", ["Via: 1.1 proxy"], 401],
  ["none", ["X-Real-IP: 127.0.0.1"], 401],
  ["none", [right, forwarded], 401],
  ["none", ["Host: evil.example"], 421],
  ["none", ["Host: box.tail1.ts.net"], 421],
  ["token", [], 401],
  ["token", [right], "bearer"],
  ["token", [right, forwarded], "bearer"],
  ["token", [right, "Host: evil.example"], "bearer"],
  ["token", ["Authorization: Bearer  right "], "bearer"],
  ["token", ["Authorization: bearer right"], 401],
  ["token", ["Authorization: Basic right"], 401],
  ["token", ["Authorization: Bearer right2"], 401],
  ["token", ["Authorization: Bearer"], 401],
  ["token", ["X-Carapace-Token: right"], 401],
  ["token", ["Host: evil.example"], 401],
  ["password", [right], "bearer"],
  ["password", [], 401],
  ["password without one", ["Authorization: Bearer undefined"], 401],
  ["password without one", [right, "Host: evil.example"], 421],
  ["tailnet", [...tailnet, "Tailscale-User-Login: Ada@example.com"], "tailscale"],
  ["tailnet", [...tailnet, "X-Tailscale-User: ada@example.com"], "tailscale"],
  ["tailnet", [...tailnet, "Tailscale-User-Login: eve@example.com"], 401],
  ["tailnet", ["Tailscale-User-Login: ada@example.com"], 401],
  ["tailnet", [forwarded, "Tailscale-User-Login: ada@example.com"], 401],
  ["tailnet", [right], "bearer"],
];

for (const [mode, credentials] of Object.entries(modes)) {
  test(`in mode ${mode} service routes hear whom they should, and nobody else`, async () => {
    const whois = async () => "ada@example.com";
    const attempts = { failedLoginsPerMinute: 1000 };
    await using gateway = await startTestListener({ credentials, whois, routes, http: attempts });
    for (const [, headers, expected] of table.filter(([name]) => name === mode)) {
      for (const family of ["control", "openai", "tools"]) {
        const answer = await exchange(gateway.listener.port, request(`GET /${family}`, headers));
        const seen = answer.status === 200 ? JSON.parse(answer.body).caller.kind : answer.status;
        expect([family, headers, seen]).toEqual([family, headers, expected]);
      }
    }
  });
}

test("a refusal is worded as its family's clients expect it", async () => {
  await using gateway = await startTestListener({ routes });
  const bodies: Partial<Record<RouteFamily, unknown>> = {
    control: { ok: false, error: "Unauthorized" },
    tools: { error: { message: "Unauthorized", type: "unauthorized" } },
    hooks: { error: { message: "Unauthorized", type: "unauthorized" } },
    openai: {
      error: { message: "Unauthorized", type: "invalid_request_error", param: null, code: null },
    },
  };
  for (const [family, body] of Object.entries(bodies)) {
    const answer = await fetch(`${gateway.http}/${family}`);
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(await answer.json()).toEqual(body);
  }
});

test("public routes, pages and webhooks hear everybody; a local one hears this machine", async () => {
  await using gateway = await startTestListener({ routes });
  const headers = { "X-Forwarded-For": "203.0.113.9" };
  for (const family of ["public", "page", "webhook"]) {
    const answer = await fetch(`${gateway.http}/${family}`, { headers });
    expect(await answer.json()).toMatchObject({ caller: { kind: "public" } });
  }
  expect(await (await fetch(`${gateway.http}/local`)).json()).toMatchObject({ caller: { kind: "local" } });
  expect((await fetch(`${gateway.http}/local`, { headers })).status).toBe(401);
});

const hookCalls: readonly [string, Record<string, string>, number][] = [
  ["nothing", {}, 401],
  ["the token as bearer", { Authorization: "Bearer hook" }, 200],
  ["the token in its own header", { "X-Carapace-Token": " hook " }, 200],
  ["another scheme beside it", { Authorization: "Basic x", "X-Carapace-Token": "hook" }, 200],
  ["a wrong bearer beside it", { Authorization: "Bearer wrong", "X-Carapace-Token": "hook" }, 401],
  ["a blank bearer beside it", { Authorization: "Bearer ", "X-Carapace-Token": "hook" }, 401],
  ["the gateway's own token", { Authorization: "Bearer test-gateway-token" }, 401],
];
for (const [name, headers, status] of hookCalls) {
  test(`hooks with ${name} → ${status}`, async () => {
    await using gateway = await startTestListener({ routes, hooksToken: () => "hook" });
    expect((await fetch(`${gateway.http}/hooks`, { headers })).status).toBe(status);
    await using bare = await startTestListener({ routes });
    expect((await fetch(`${bare.http}/hooks`, { headers })).status).toBe(401);
  });
}

test("an address that shows too many wrong secrets is not heard for a while, right or wrong", async () => {
  let nowMs = 1_700_000_000_000;
  const http = { trusted: new Set(["127.0.0.1"]), failedLoginsPerMinute: 2 };
  await using gateway = await startTestListener({ routes, http, nowMs: () => nowMs });
  const call = async (token: string, ip = "203.0.113.9") => {
    const headers = { Authorization: `Bearer ${token}`, "X-Forwarded-For": ip };
    return (await fetch(`${gateway.http}/control`, { headers })).status;
  };
  expect([await call("wrong"), await call("wrong"), await call("wrong")]).toEqual([401, 401, 429]);
  expect(await call("test-gateway-token")).toBe(429);
  expect(await call("test-gateway-token", "203.0.113.10")).toBe(200);
  nowMs += 30_000;
  expect(await call("test-gateway-token")).toBe(200);
});

test("the hooks token between two guesses at the owner's secret does not make them uncounted", async () => {
  const http = { trusted: new Set(["127.0.0.1"]), failedLoginsPerMinute: 2 };
  await using gateway = await startTestListener({
    routes,
    http,
    hooksToken: () => "hook",
    nowMs: () => 1e12,
  });
  const call = async (path: string, token: string) => {
    const headers = { Authorization: `Bearer ${token}`, "X-Forwarded-For": "203.0.113.9" };
    return (await fetch(`${gateway.http}${path}`, { headers })).status;
  };
  const seen: number[] = [];
  for (const guess of ["a", "b", "c"]) seen.push(await call("/control", guess), await call("/hooks", "hook"));
  expect(seen).toEqual([401, 200, 401, 200, 429, 200]);
});
