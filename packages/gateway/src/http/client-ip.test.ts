import { expect, test } from "bun:test";
import { clientIp, trustedProxies } from "./client-ip.ts";

const trusted = trustedProxies(["10.0.0.1", " ::1 ", "::ffff:10.0.0.2", "10.0.0.0/8", "proxy.example"]);

const table: readonly [string, string, Record<string, string>, string][] = [
  ["a stranger's header says nothing", "203.0.113.5", { "x-forwarded-for": "198.51.100.1" }, "203.0.113.5"],
  ["a network is no address", "10.9.9.9", { "x-forwarded-for": "198.51.100.1" }, "10.9.9.9"],
  ["a proxy without headers is itself", "10.0.0.1", {}, "10.0.0.1"],
  ["one hop", "10.0.0.1", { "x-forwarded-for": "198.51.100.1" }, "198.51.100.1"],
  [
    "what the caller wrote before it",
    "10.0.0.1",
    { "x-forwarded-for": "1.1.1.1, 198.51.100.1" },
    "198.51.100.1",
  ],
  ["past a second proxy", "10.0.0.1", { "x-forwarded-for": "198.51.100.1, 10.0.0.2" }, "198.51.100.1"],
  ["only proxies", "10.0.0.1", { "x-forwarded-for": "::1, 10.0.0.2" }, "::1"],
  ["nonsense on the left", "10.0.0.1", { "x-forwarded-for": "x<y>, 10.0.0.2" }, "10.0.0.2"],
  ["nonsense alone", "10.0.0.1", { "x-forwarded-for": "unknown" }, "10.0.0.1"],
  ["x-real-ip", "::1", { "x-real-ip": "198.51.100.1" }, "198.51.100.1"],
  [
    "x-forwarded-for before x-real-ip",
    "::1",
    { "x-forwarded-for": "1.2.3.4", "x-real-ip": "5.6.7.8" },
    "1.2.3.4",
  ],
  ["a port", "10.0.0.1", { "x-forwarded-for": "198.51.100.1:4711" }, "198.51.100.1"],
  ["brackets", "10.0.0.1", { "x-forwarded-for": "[2001:DB8::1]:443" }, "2001:db8::1"],
  ["a mapped address", "10.0.0.1", { "x-forwarded-for": "::ffff:198.51.100.1" }, "198.51.100.1"],
];
for (const [name, ip, headers, expected] of table) {
  test(`client address: ${name} → ${expected}`, () => {
    expect(clientIp({ ip }, new Headers(headers), trusted)).toBe(expected);
  });
}
