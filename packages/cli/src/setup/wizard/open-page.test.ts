import { expect, test } from "bun:test";
import { browserCommand } from "./open-page.ts";

test.each([
  [{ DISPLAY: ":0" }, "linux", ["xdg-open"]],
  [{ WAYLAND_DISPLAY: "wayland-0" }, "linux", ["xdg-open"]],
  [{}, "linux", undefined],
  [{ DISPLAY: ":10", SSH_CONNECTION: "1 2 3 4" }, "linux", undefined],
  [{}, "darwin", ["open"]],
  [{ SSH_TTY: "/dev/ttys1" }, "darwin", undefined],
  [{}, "win32", ["rundll32", "url.dll,FileProtocolHandler"]],
] as const)("%j on %s", (env, platform, command) => {
  expect(browserCommand(env, platform)).toEqual(command as never);
});
