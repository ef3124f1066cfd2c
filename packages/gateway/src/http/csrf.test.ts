import { expect, test } from "bun:test";
import { startTestListener, testToken } from "../listen/testing/listener.ts";
import { createCsrf } from "./csrf.ts";
import { testRoute } from "./testing/routes.ts";

let nowMs = 1_700_000_000_000;
let drawn = 0;
const csrfOf = () =>
  createCsrf({
    nowMs: () => nowMs,
    randomBytes(count) {
      drawn += 1;
      return Buffer.alloc(count, `${drawn}.`);
    },
  });

const host = "panel.example:18789";
const origin = `http://${host}`;

/** What a browser that was served the page sends back. */
function served(csrf = csrfOf(), isSecure = false) {
  const issued = csrf.issue({ request: new Request("http://x/"), isSecure });
  const pairs = issued.cookies.map((cookie) => cookie.split(";")[0] ?? "");
  const token = pairs.find((pair) => pair.startsWith(`${issued.cookieName}=`))?.split("=")[1] ?? "";
  return { csrf, issued, cookie: pairs.join("; "), token };
}

const page = served();
const good = { host, origin, cookie: page.cookie, "x-csrf-token": page.token };
const without = (name: string) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));

const table: readonly [string, Record<string, string>, string | undefined][] = [
  ["the page itself", good, undefined],
  ["the page by its Referer", { ...without("origin"), referer: `${origin}/ui/?x` }, undefined],
  ["a command", { host }, undefined],
  ["a command with its origin", { host, origin }, undefined],
  ["another page", { ...good, origin: "http://evil.example" }, "Origin mismatch"],
  ["another port of the same host", { ...good, origin: "http://panel.example:8080" }, "Origin mismatch"],
  ["a subdomain", { ...good, origin: `http://a.${host}` }, "Origin mismatch"],
  ["a parent domain", { ...good, origin: "http://example:18789" }, "Origin mismatch"],
  ["a file", { ...good, origin: "null" }, "Origin mismatch"],
  [
    "another page by its Referer",
    { ...without("origin"), referer: "http://evil.example/x" },
    "Origin mismatch",
  ],
  ["a Referer that is none", { ...without("origin"), referer: "about" }, "Origin mismatch"],
  ["another page without a session", { host, origin: "http://evil.example" }, "Origin mismatch"],
  ["no Host", without("host"), "Origin host missing"],
  ["a session without an origin", without("origin"), "Origin missing"],
  ["no token", without("x-csrf-token"), "CSRF token missing"],
  ["a wrong token", { ...good, "x-csrf-token": "x" }, "CSRF token invalid"],
  ["an unknown session", { ...good, cookie: "session=x" }, "CSRF token invalid"],
];
for (const [name, headers, message] of table) {
  test(`a change by ${name} → ${message ?? "heard"}`, async () => {
    const refusal = page.csrf.deny(new Headers(headers), undefined);
    if (message === undefined) {
      expect(refusal).toBeUndefined();
      return;
    }
    expect(refusal?.status).toBe(403);
    expect(refusal?.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(await refusal?.json()).toEqual({ error: { code: "csrf_error", message } });
  });
}

test("where the scheme is known, a page of the other one is another page", () => {
  const headers = new Headers(good);
  expect(page.csrf.deny(headers, "http")).toBeUndefined();
  expect(page.csrf.deny(headers, "https")?.status).toBe(403);
});

test("cookies are kept from other sites, and from plain connections where there is a better one", () => {
  const plain = served().issued;
  expect(plain.cookies).toEqual([
    expect.stringMatching(/^session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=3600$/),
    expect.stringMatching(/^csrf=[\w-]{43}; Path=\/; SameSite=Strict; Max-Age=3600$/),
  ]);
  const secure = served(csrfOf(), true).issued;
  expect(secure.cookies).toEqual([
    expect.stringMatching(
      /^__Host-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=3600$/,
    ),
    expect.stringMatching(/^__Host-csrf=[\w-]{43}; Path=\/; SameSite=Strict; Secure; Max-Age=3600$/),
  ]);
  expect([secure.cookieName, secure.headerName]).toEqual(["__Host-csrf", "x-csrf-token"]);
});

test("a page that is loaded again keeps its token, which lasts an hour from then", () => {
  const { csrf, cookie, token, issued } = served();
  const again = () =>
    csrf.issue({ request: new Request("http://x/", { headers: { cookie } }), isSecure: false });
  const denied = () =>
    csrf.deny(new Headers({ host, origin, cookie, "x-csrf-token": token }), undefined)?.status;
  nowMs += 3_000_000;
  expect(again().cookies).toEqual(issued.cookies);
  nowMs += 3_000_000;
  expect(denied()).toBeUndefined();
  nowMs += 700_000;
  expect(denied()).toBe(403);
  expect(again().cookies).not.toEqual(issued.cookies);
});

test("there is an end to the sessions that are kept", () => {
  const { csrf, cookie, token } = served();
  const headers = new Headers({ host, origin, cookie, "x-csrf-token": token });
  const request = new Request("http://x/");
  for (let count = 0; count < 999; count += 1) csrf.issue({ request, isSecure: false });
  expect(csrf.deny(headers, undefined)).toBeUndefined();
  csrf.issue({ request, isSecure: false });
  expect(csrf.deny(headers, undefined)?.status).toBe(403);
});

const routes = [
  testRoute({ path: "/control/thing", method: "POST", family: "control", maxBodyBytes: 10 }),
  testRoute({ path: "/tools/thing", method: "POST", family: "tools", maxBodyBytes: 10 }),
  testRoute({ path: "/read", family: "tools" }),
];
const none = { mode: "none", allowTailscale: false } as const;

test("without a credential only the gateway's own page may change something, and only with JSON", async () => {
  await using gateway = await startTestListener({ credentials: none, routes });
  const post = async (headers: Record<string, string>, body = "{}") =>
    (await fetch(`${gateway.http}/tools/thing`, { method: "POST", headers, body })).status;
  const json = { "Content-Type": "application/json" };
  expect(await post(json)).toBe(200);
  expect(await post({ "Content-Type": "application/json; charset=utf-8", Origin: gateway.http })).toBe(200);
  expect(await post({ "Content-Type": "text/plain" })).toBe(415);
  expect(await post({ "Content-Type": "application/x-www-form-urlencoded" })).toBe(415);
  expect(await post({ "Content-Type": "application/jsonx" })).toBe(415);
  expect(await post({ ...json, Origin: "http://evil.example" })).toBe(403);
  expect(await post({ ...json, Origin: "null" })).toBe(403);
  expect(await post({ ...json, Origin: "http://127.0.0.1:1" })).toBe(403);
  expect(await post({ ...json, Origin: gateway.http.replace("http:", "https:") })).toBe(403);
  expect(await post({ ...json, Referer: "http://evil.example/x" })).toBe(403);
  expect(await post({ ...json, "Sec-Fetch-Site": "cross-site" })).toBe(403);
  expect(await post({ "Sec-Fetch-Site": "same-origin" }, "")).toBe(200);
  const read = await fetch(`${gateway.http}/read`, { headers: { Origin: "http://evil.example" } });
  expect(read.status).toBe(200);
});

test("a bearer says enough, but not for a foreign page at the control API", async () => {
  await using gateway = await startTestListener({ routes });
  const post = async (path: string, headers: Record<string, string>) => {
    const Authorization = `Bearer ${testToken}`;
    return (await fetch(gateway.http + path, { method: "POST", headers: { Authorization, ...headers } }))
      .status;
  };
  const foreign = { Origin: "http://evil.example" };
  expect(await post("/tools/thing", { ...foreign, "Content-Type": "text/plain" })).toBe(200);
  expect(await post("/control/thing", {})).toBe(200);
  expect(await post("/control/thing", { Origin: gateway.http })).toBe(200);
  expect(await post("/control/thing", foreign)).toBe(403);
  expect(await post("/control/thing", { Origin: gateway.http, Cookie: "session=x" })).toBe(403);
});
