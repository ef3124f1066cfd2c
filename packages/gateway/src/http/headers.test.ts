import { expect, test } from "bun:test";
import { startTestListener, testToken } from "../listen/testing/listener.ts";
import { json } from "./json.ts";
import { secure } from "./security-headers.ts";
import { testRoute } from "./testing/routes.ts";

const always = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "strict-origin-when-cross-origin",
  "x-xss-protection": "1; mode=block",
  "permissions-policy":
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};
const api = {
  ...always,
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
};

const fault = () => {
  throw new Error("the secret is hunter2");
};
const routes = [
  testRoute({ path: "/plain" }),
  testRoute({ path: "/limited", method: "POST", maxBodyBytes: 1 }),
  testRoute({ path: "/faulty" }, fault),
  testRoute({ path: "/v1/faulty", family: "openai" }, fault),
  testRoute({ path: "/lax" }, () =>
    json({}, 200, { "Cache-Control": "public", "Content-Security-Policy": "default-src *" }),
  ),
  testRoute({ path: "/secret", family: "control" }),
  testRoute({ path: "/bad/:id" }),
  testRoute(
    { path: "/page", family: "page" },
    () => new Response("<p>", { headers: { "Content-Type": "text/html", "Cache-Control": "no-cache" } }),
  ),
  testRoute(
    { path: "/callback", family: "page" },
    () => new Response("<p>", { headers: { "Referrer-Policy": "no-referrer" } }),
  ),
  testRoute(
    { path: "/signed-in", family: "public" },
    () => new Response("<p>", { headers: { "Referrer-Policy": "no-referrer" } }),
  ),
];

function picked(answer: Response, names: object): Record<string, string | null> {
  return Object.fromEntries(Object.keys(names).map((name) => [name, answer.headers.get(name)]));
}

test("every kind of answer has the security headers, whatever its route says", async () => {
  await using gateway = await startTestListener({ routes, http: { rates: allowing(200) } });
  const kinds: readonly [string, RequestInit, number][] = [
    ["/health", {}, 200],
    ["/health/ready", {}, 200],
    ["/plain", {}, 200],
    ["/lax", {}, 200],
    ["/nowhere", {}, 404],
    ["/plain", { method: "POST" }, 405],
    ["/bad/%ff", {}, 400],
    ["/secret", {}, 401],
    ["/limited", { method: "POST", body: "ab" }, 413],
    ["/faulty", {}, 500],
    ["/ws", {}, 426],
  ];
  for (const [path, init, status] of kinds) {
    const answer = await fetch(gateway.http + path, init);
    expect([path, answer.status]).toEqual([path, status]);
    expect([path, picked(answer, api)]).toEqual([path, api]);
    expect(answer.headers.get("strict-transport-security")).toBeNull();
  }
});

test("answers have them while the gateway starts, and to who comes too often", async () => {
  await using gateway = await startTestListener({ routes: "starting", http: { rates: allowing(1) } });
  const headers = { "X-Forwarded-For": "203.0.113.9" };
  const starting = await fetch(`${gateway.http}/plain`, { headers });
  const tooOften = await fetch(`${gateway.http}/plain`, { headers });
  expect([starting.status, tooOften.status]).toEqual([503, 429]);
  for (const answer of [starting, tooOften]) expect(picked(answer, api)).toEqual(api);
});

test("a page may run its own scripts and talk to its own socket, nothing else", async () => {
  await using gateway = await startTestListener({ routes });
  const page = await fetch(`${gateway.http}/page`);
  expect(picked(page, always)).toEqual(always);
  expect(page.headers.get("cache-control")).toBe("no-cache");
  const host = `127.0.0.1:${gateway.listener.port}`;
  expect(page.headers.get("content-security-policy")).toBe(
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
      `connect-src 'self' ws://${host} wss://${host}; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; ` +
      "form-action 'self'",
  );
  const strange = await fetch(`${gateway.http}/page`, { headers: { Host: "a; script-src *" } });
  expect(strange.headers.get("content-security-policy")).toContain("connect-src 'self'; object-src");
  const callback = await fetch(`${gateway.http}/callback`);
  expect(callback.headers.get("referrer-policy")).toBe("no-referrer");
  const signedIn = await fetch(`${gateway.http}/signed-in`);
  expect(picked(signedIn, api)).toEqual({ ...api, "referrer-policy": "no-referrer" });
});

test("browsers are told to stay with TLS only where it is ours", () => {
  const under = (isTls: boolean) => secure(new Response(), { isPage: true, isTls, host: "box:1" }).headers;
  expect(under(true).get("strict-transport-security")).toBe("max-age=31536000; includeSubDomains");
  expect(under(true).get("content-security-policy")).toContain("connect-src 'self' wss://box:1;");
  expect(under(false).get("strict-transport-security")).toBeNull();
});

test("a fault is told to the log with its request, and to the caller in the words of the family alone", async () => {
  await using gateway = await startTestListener({ routes });
  const plain = await fetch(`${gateway.http}/faulty`);
  expect(await plain.json()).toEqual({ ok: false, error: "Internal Server Error" });
  const openai = await fetch(`${gateway.http}/v1/faulty`, {
    headers: { Authorization: `Bearer ${testToken}` },
  });
  const error = { message: "Internal Server Error", type: "server_error", param: null, code: null };
  expect([openai.status, await openai.json()]).toEqual([500, { error }]);
  expect(gateway.faults).toEqual([
    "a request failed Error: the secret is hunter2",
    "a request failed Error: the secret is hunter2",
  ]);
});

test("a request has an id of ours, or a sane one of a proxy that is trusted", async () => {
  const headers = { "X-Request-Id": "from-outside_1", "X-Forwarded-For": "203.0.113.9" };
  await using strict = await startTestListener({ routes });
  const ours = (await fetch(`${strict.http}/plain`, { headers })).headers.get("x-request-id");
  expect(ours).toMatch(/^[0-9a-f-]{36}$/);
  await using trusting = await startTestListener({ routes, http: { trusted: new Set(["127.0.0.1"]) } });
  const kept = await fetch(`${trusting.http}/plain`, { headers });
  expect(kept.headers.get("x-request-id")).toBe("from-outside_1");
  expect(await kept.json()).toMatchObject({ requestId: "from-outside_1", clientIp: "203.0.113.9" });
  const wild = { "X-Request-Id": `x${"y".repeat(200)}` };
  expect((await fetch(`${trusting.http}/plain`, { headers: wild })).headers.get("x-request-id")).toMatch(
    /^[0-9a-f-]{36}$/,
  );
});

function allowing(burst: number) {
  return { isEnabled: true, prefixes: [], rest: { perSecond: 1, burst } };
}
