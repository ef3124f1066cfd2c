import { expect, test } from "bun:test";
import { describe, uptimeText } from "./status.ts";

test("an uptime leaves leading zero units out", () => {
  expect(uptimeText(0)).toBe("0s");
  expect(uptimeText(59.9)).toBe("59s");
  expect(uptimeText(3600)).toBe("1h 0m 0s");
  expect(uptimeText(93_784)).toBe("1d 2h 3m 4s");
});

test("what is not known has no line", () => {
  expect(describe({ version: "1", status: "ok" }, {}, "127.0.0.1:1")).toBe(
    "Version: 1\nAddress: 127.0.0.1:1\nStatus: ok",
  );
});

test("the control API adds channels and platform", () => {
  const control = { connectedChannels: 1, totalChannels: 2, runtime: { platform: "linux", arch: "x86_64" } };
  expect(describe({ version: "1", uptimeSeconds: 61, status: "ok" }, control, "h:1")).toBe(
    "Version: 1\nUptime: 1m 1s\nAddress: h:1\nStatus: ok\nChannels: 1/2 connected\nPlatform: linux (x86_64)",
  );
});
