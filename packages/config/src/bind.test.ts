import { expect, test } from "bun:test";
import { localAddresses, parseBind, resolveBind } from "./bind.ts";

test.each([
  ["loopback", "loopback"],
  [" LocalHost ", "loopback"],
  ["local", "loopback"],
  ["lan", "lan"],
  ["local-network", "lan"],
  ["tailnet", "tailnet"],
  ["ts", "tailnet"],
  ["auto", "all"],
  ["0.0.0.0", "all"],
] as const)("the word %p means %s", (text, kind) => {
  expect(parseBind(text)).toEqual({ ok: true, value: { kind } });
});

test.each([
  ["192.168.1.5", { host: "192.168.1.5" }],
  ["192.168.1.5:8080", { host: "192.168.1.5", port: 8080 }],
  ["::1", { host: "::1" }],
  ["[::1]:8080", { host: "::1", port: 8080 }],
  ["box.example.org", { host: "box.example.org" }],
  ["box:99", { host: "box", port: 99 }],
] as const)("%p is an address of its own", (text, value) => {
  expect(parseBind(text)).toEqual({ ok: true, value: { kind: "custom", ...value } });
});

test.each(["", "a b", "[::1", "[10.0.0.1]:5", "host:0", "host:70000", "host:", "constructor:", "a..b/c"])(
  "%p is refused",
  (text) => {
    expect(parseBind(text).ok).toBe(false);
  },
);

const addresses = [
  { address: "127.0.0.1", family: "IPv4", internal: true },
  { address: "172.32.0.1", family: "IPv4", internal: false },
  { address: "fd00::1", family: "IPv6", internal: false },
  { address: "100.100.1.2", family: "IPv4", internal: false },
  { address: "172.16.9.9", family: "IPv4", internal: false },
];

test("lan takes the first private address, tailnet the first of 100.64.0.0/10", () => {
  expect(resolveBind({ kind: "lan" }, addresses)).toEqual({ ok: true, value: { host: "172.16.9.9" } });
  expect(resolveBind({ kind: "tailnet" }, addresses)).toEqual({ ok: true, value: { host: "100.100.1.2" } });
});

test("lan and tailnet are refused on a machine without such an address", () => {
  const none = addresses.slice(0, 3);
  expect(resolveBind({ kind: "lan" }, none)).toMatchObject({ ok: false, code: "unavailable" });
  expect(resolveBind({ kind: "tailnet" }, none)).toMatchObject({ ok: false, code: "unavailable" });
});

test("loopback, all and custom need no address of this machine", () => {
  expect(resolveBind({ kind: "loopback" }, [])).toEqual({ ok: true, value: { host: "127.0.0.1" } });
  expect(resolveBind({ kind: "all" }, [])).toEqual({ ok: true, value: { host: "0.0.0.0" } });
  const custom = { kind: "custom", host: "h", port: 1 } as const;
  expect(resolveBind(custom, [])).toEqual({ ok: true, value: { host: "h", port: 1 } });
  expect(localAddresses().every((one) => typeof one.address === "string")).toBe(true);
});
