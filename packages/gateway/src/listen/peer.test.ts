import { expect, test } from "bun:test";
import { describePeer } from "./peer.ts";

const table: readonly [string, string | undefined, Record<string, string>, boolean][] = [
  ["localhost from 127.0.0.1", "127.0.0.1", { host: "localhost:18789" }, true],
  ["127.0.0.1 from an IPv4-mapped address", "::ffff:127.0.0.1", { host: "127.0.0.1" }, true],
  ["[::1] from ::1", "::1", { host: "[::1]:18789" }, true],
  ["LOCALHOST in capitals", "127.0.0.1", { host: "LOCALHOST" }, true],
  ["a tailnet name", "127.0.0.1", { host: "box.tail1.ts.net" }, false],
  ["another loopback address", "127.8.8.8", { host: "localhost" }, true],
  ["a page's own name (DNS rebinding)", "127.0.0.1", { host: "evil.example:18789" }, false],
  ["a name that only begins like ours", "127.0.0.1", { host: "localhost.evil.example" }, false],
  ["a name that only ends like a tailnet's", "127.0.0.1", { host: "evilts.net" }, false],
  ["a tailnet suffix with something before it that is no name", "127.0.0.1", { host: "evil/.ts.net" }, false],
  ["two hosts", "127.0.0.1", { host: "localhost, evil.example" }, false],
  ["no host", "127.0.0.1", {}, false],
  ["another machine", "192.168.1.5", { host: "localhost" }, false],
  ["an unknown address", undefined, { host: "localhost" }, false],
  ["x-forwarded-for", "127.0.0.1", { host: "localhost", "x-forwarded-for": "127.0.0.1" }, false],
  ["an empty x-real-ip", "127.0.0.1", { host: "localhost", "x-real-ip": "" }, false],
  ["x-forwarded-proto", "127.0.0.1", { host: "localhost", "x-forwarded-proto": "https" }, false],
  ["x-forwarded-host", "127.0.0.1", { host: "localhost", "x-forwarded-host": "a" }, false],
  ["the standard Forwarded header", "127.0.0.1", { host: "localhost", forwarded: "for=1.2.3.4" }, false],
  ["via", "127.0.0.1", { host: "localhost", via: "1.1 proxy" }, false],
  ["cf-connecting-ip", "127.0.0.1", { host: "localhost", "cf-connecting-ip": "203.0.113.9" }, false],
  ["x-forwarded-server", "127.0.0.1", { host: "localhost", "x-forwarded-server": "a" }, false],
  ["x-client-ip", "127.0.0.1", { host: "localhost", "x-client-ip": "203.0.113.9" }, false],
  ["true-client-ip", "127.0.0.1", { host: "localhost", "true-client-ip": "203.0.113.9" }, false],
];

for (const [name, address, headers, expected] of table) {
  test(`local-direct: ${name} → ${expected}`, () => {
    expect(describePeer(address, new Headers(headers)).isLocalDirect).toBe(expected);
  });
}

test("a tailnet claim needs every header, and a proxy on this machine", () => {
  const headers = {
    "x-forwarded-for": " 100.64.0.7 , 10.0.0.1",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "box",
    "x-tailscale-user": "Ada@Example.com",
  };
  expect(describePeer("127.0.0.1", new Headers(headers)).tailnet).toEqual({
    address: "100.64.0.7",
    login: "ada@example.com",
  });
  expect(describePeer("192.168.1.5", new Headers(headers)).tailnet).toBeUndefined();
  for (const name of Object.keys(headers)) {
    expect(describePeer("127.0.0.1", new Headers({ ...headers, [name]: " " })).tailnet).toBeUndefined();
  }
});

test("a page under a name of its own (DNS rebinding) cannot claim a tailnet login", () => {
  const headers = {
    "x-forwarded-for": "100.64.0.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "box.tail1.ts.net",
    "tailscale-user-login": "ada@example.com",
  };
  const claims = (host: string) =>
    describePeer("127.0.0.1", new Headers({ ...headers, host })).tailnet !== undefined;
  for (const host of [
    "evil.example:18789",
    "evil.example.",
    "100.64.0.7.evil.example",
    "a.b",
    "[::1].evil.example",
  ])
    expect([host, claims(host)]).toEqual([host, false]);
  for (const host of ["box.tail1.ts.net", "box", "100.64.0.7:443", "[fd7a:115c:a1e0::1]", "localhost:18789"])
    expect([host, claims(host)]).toEqual([host, true]);
});
