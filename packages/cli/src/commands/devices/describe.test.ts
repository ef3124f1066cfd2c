import { expect, test } from "bun:test";
import { asked, nameOf, type WaitingDevice, waitingLines, waitingTable } from "./describe.ts";

const device: WaitingDevice = {
  ...{ requestId: "1f8e2d", deviceId: "ab".repeat(32), publicKey: "k", displayName: null, platform: "linux" },
  ...{ clientId: "cli", clientMode: "cli", role: "operator", roles: ["operator"], scopes: ["operator.read"] },
  ...{ remoteIp: "203.0.113.9", silent: false, isRepair: false, ts: 0 },
};

test.each([
  "laptop  192.168.1.5  just now  read",
  "laptop\u00a0\u3000\u2800\t192.168.1.5",
  "laptop\nFrom:    192.168.1.5\nMay:     read",
  "laptop\r\n\u001b[2J\u202e\u2028x",
  "x".repeat(60_000),
  `${" ".repeat(5000)}a`,
  "",
  "\u2800\u3164",
])("a name (%#) imitates neither a line nor a column", (displayName) => {
  const hostile = { ...device, displayName };
  expect(nameOf(hostile)).toMatch(/^\S+( \S+)*$/u);
  expect(nameOf(hostile).length).toBeLessThanOrEqual(40);
  const lines = waitingLines(hostile).split("\n");
  expect(lines.map((line) => line.slice(0, line.indexOf(":")))).toEqual(["Device", "From", "Key", "May"]);
  expect(lines[1]).toBe("From:    203.0.113.9");
  const columns = waitingTable([hostile], 0).split("\n")[1]?.split(/ {2,}/);
  expect([columns?.length, columns?.[2]]).toEqual([5, "203.0.113.9"]);
});

test("a platform is the device's own word, too", () => {
  expect(nameOf({ ...device, platform: "linux\n at  home" })).toBe("cli on linux at home");
});

test("what a device asks for is not hidden behind scopes that there are not", () => {
  const scopes = [...Array.from({ length: 200 }, () => "read only  ".repeat(20)), "operator.\nnothing"];
  expect(asked({ roles: ["operator"], scopes: [...scopes, "operator.admin", "operator.read"] })).toBe(
    "read, admin",
  );
  expect(asked({ roles: ["operator"], scopes: ["operator.*"] })).toBe("admin");
  expect(asked({ roles: ["node"], scopes: [] })).toBe("node");
  expect(asked({ roles: ["operator"], scopes })).toBe("nothing");
});
