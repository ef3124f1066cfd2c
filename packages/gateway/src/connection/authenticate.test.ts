import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import { describePeer } from "../listen/peer.ts";
import { authenticate, type Offer } from "./authenticate.ts";
import type { Credentials } from "./credentials.ts";

const local = describePeer("127.0.0.1", new Headers({ host: "localhost:18789" }));
const remote = describePeer("203.0.113.9", new Headers({ host: "localhost" }));
const tailnet = describePeer(
  "127.0.0.1",
  new Headers({
    host: "box.tail1.ts.net",
    "x-forwarded-for": "100.64.0.7, 10.0.0.1",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "box",
    "tailscale-user-login": " Ada@Example.com ",
  }),
);
const token: Credentials = { mode: "token", secret: new Secret("right"), allowTailscale: false };
const password: Credentials = { ...token, mode: "password" };
const none: Credentials = { mode: "none", allowTailscale: false };

const table: readonly [string, Credentials, typeof local, Offer, string][] = [
  ["mode none lets a local-direct caller in", none, local, {}, "local"],
  ["mode none refuses everybody else", none, remote, { token: "right" }, "unauthorized"],
  ["the right token", token, remote, { token: "right" }, "token"],
  ["a wrong token", token, remote, { token: "Right" }, "unauthorized: token mismatch"],
  ["blanks are not trimmed off", token, remote, { token: " right" }, "unauthorized: token mismatch"],
  ["a blank token is missing", token, local, { token: "  " }, "unauthorized: token missing"],
  [
    "a password does not stand in for a token",
    token,
    local,
    { password: "right" },
    "unauthorized: token missing",
  ],
  ["the right password", password, remote, { password: "right" }, "password"],
  ["a wrong password", password, local, { password: "wrong" }, "unauthorized: password mismatch"],
  ["no password", password, local, {}, "unauthorized: password missing"],
  [
    "no token configured",
    { mode: "token", allowTailscale: false },
    local,
    { token: "" },
    "unauthorized: gateway token not configured on gateway (set gateway.auth.token)",
  ],
  [
    "a blank configured password is none",
    { ...password, secret: new Secret(" ") },
    local,
    { password: " " },
    "unauthorized: gateway password not configured on gateway (set gateway.auth.password)",
  ],
];

for (const [name, credentials, peer, offer, expected] of table) {
  test(`credentials: ${name}`, async () => {
    const outcome = await authenticate(peer, offer, { credentials });
    expect(outcome.ok ? outcome.value : outcome.say).toBe(expected);
  });
}

test("a tailnet login counts only if allowed and confirmed by the daemon", async () => {
  const asked: string[] = [];
  const whois = async (address: string) => {
    asked.push(address);
    return "ada@example.com";
  };
  const allowed = { ...token, allowTailscale: true };
  expect(await authenticate(tailnet, {}, { credentials: allowed, whois })).toEqual({
    ok: true,
    value: "tailscale",
  });
  expect(asked).toEqual(["100.64.0.7"]);
  expect(await authenticate(tailnet, {}, { credentials: token, whois })).toMatchObject({ ok: false });
  expect(await authenticate(tailnet, {}, { credentials: allowed })).toMatchObject({ ok: false });
  const stranger = async () => "eve@example.com";
  expect(await authenticate(tailnet, {}, { credentials: allowed, whois: stranger })).toMatchObject({
    ok: false,
  });
  expect(await authenticate(local, {}, { credentials: allowed, whois })).toMatchObject({ ok: false });
  expect(asked).toHaveLength(1);
});

test("a device token is asked about only after the shared secret failed", async () => {
  let questions = 0;
  const isDeviceToken = async () => {
    questions += 1;
    return true;
  };
  const deps = { credentials: token, isDeviceToken };
  expect(await authenticate(remote, { token: "right" }, deps)).toEqual({ ok: true, value: "token" });
  expect(questions).toBe(0);
  expect(await authenticate(remote, { token: "device" }, deps)).toEqual({ ok: true, value: "device_token" });
});
