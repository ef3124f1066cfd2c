import { expect, test } from "bun:test";
import type { Member } from "./member.ts";
import { createPresence } from "./presence.ts";

function member(connId: string, lastActiveMs: number, presence: Member["presence"] = {}): Member {
  const client = { id: "cli", mode: "cli", version: "1", platform: "linux" };
  const view = { connId, role: "operator", scopes: ["operator.admin"], client } as const;
  return { view, presence, lastActiveMs, deliver: () => true, close: () => undefined };
}

test("lists the newest first, without those silent for more than five minutes", () => {
  const members = [
    member("a", 1000, { host: "a" }),
    member("b", 2000, { host: "b" }),
    member("c", 0, { host: "c" }),
  ];
  const hosts = createPresence()
    .list(members, "admin", 300_500)
    .map((entry) => entry.host);
  expect(hosts).toEqual(["b", "a"]);
});

test("only admins see addresses, devices, roles and scopes", () => {
  const full = {
    host: "a",
    ip: "203.0.113.9",
    deviceId: "d",
    roles: ["operator"],
    scopes: ["s"],
    instanceId: "i",
  };
  const presence = createPresence();
  expect(presence.list([member("a", 5, full)], "admin", 5)).toEqual([{ ...full, ts: 5 }]);
  expect(presence.list([member("a", 5, full)], "operator", 5)).toEqual([{ host: "a", ts: 5 }]);
});

test("holds at most 200 entries, announced or connected", () => {
  const presence = createPresence();
  for (let count = 0; count < 300; count += 1) presence.announce(`k${count}`, { host: `h${count}` }, count);
  const listed = presence.list([member("a", 1000)], "admin", 1000);
  expect(listed).toHaveLength(200);
  expect(listed[1]?.host).toBe("h299");
});

test("an announcement changes what is told of a connected device, but not what it was granted", () => {
  const presence = createPresence();
  presence.announce("DEVICE", { host: "renamed", scopes: ["operator.admin"], ip: "192.0.2.1" }, 9);
  const connected = { host: "a", deviceId: "device", scopes: ["operator.read"], ip: "203.0.113.9" };
  expect(presence.list([member("a", 5, connected)], "admin", 9)).toEqual([
    { ...connected, host: "renamed", ts: 9 },
  ]);
});

test("an announced disconnection takes an entry off the list", () => {
  const presence = createPresence();
  presence.announce("gone", { host: "gone", reason: "disconnect" }, 9);
  expect(presence.list([], "admin", 9)).toEqual([]);
});
