import { expect, test } from "bun:test";
import { configPathOf, stateDirOf } from "./paths.ts";
import { testFolder } from "./testing/folder.ts";

test("CARAPACE_CONFIG_PATH names the file and leaves the state directory alone", () => {
  const env = { HOME: "/home/a", CARAPACE_CONFIG_PATH: "/etc/x.conf" };
  expect(configPathOf(env, "linux")).toBe("/etc/x.conf");
  expect(stateDirOf(env, "linux")).toBe("/home/a/.config/carapace");
});

test("a json5 file is preferred, and a new file is carapace.json", () => {
  using folder = testFolder();
  const env = { CARAPACE_STATE_DIR: folder.path };
  expect(configPathOf(env)).toBe(folder.file("carapace.json"));
  folder.write("carapace.json", "{}");
  folder.write("carapace.json5", "{}");
  expect(configPathOf(env)).toBe(folder.file("carapace.json5"));
});

test.each([
  ["linux", { HOME: "/h" }, "/h/.config/carapace"],
  ["linux", { HOME: "/h", XDG_CONFIG_HOME: "/x" }, "/x/carapace"],
  ["darwin", { HOME: "/h" }, "/h/Library/Application Support/carapace"],
  ["win32", { APPDATA: "/appdata" }, "/appdata/carapace"],
] as const)("the user's own directory on %s", (platform, env, expected) => {
  expect(stateDirOf(env, platform)).toBe(expected);
});
