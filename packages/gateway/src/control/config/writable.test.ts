import { expect, test } from "bun:test";
import { isProtectedKey } from "@carapace/config/write";
import { writableKeys } from "./writable.ts";

const judge = (key: string, value: string | boolean | number, hooks = "/api/webhooks") => {
  const found = writableKeys.get(key);
  if (found === undefined) throw new Error(`${key} is not writable`);
  return found(value, hooks);
};
const base = "gateway.controlUi.basePath";

test.each(["", "/", "/ui", "ui/", "/my/own-ui_2", "/api/ui", "/a.b/~c"])("%p can be a base path", (path) => {
  expect(judge(base, path)).toBeUndefined();
});

test.each([
  ...["/control", "control/x", "/v1", "/ws", "/openapi.json", "/health/ui", "/api", "/api/webhooks/ui"],
  ...[
    "//x",
    "/a//b",
    "/..",
    "/a/./b",
    "/ui?x",
    "/ui#x",
    "/ui;x",
    "/%2e%2e",
    "/u\u0456",
    "/ui\n",
    "http://x/ui",
  ],
])("%p cannot", (path) => {
  expect(judge(base, path)).toBeString();
});

test("a switch takes true and false and nothing like them", () => {
  const key = "gateway.controlUi.enabled";
  expect([judge(key, true), judge(key, false)]).toEqual([undefined, undefined]);
  for (const value of ["true", 1, 0, ""]) expect(judge(key, value)).toBeString();
});

test("nothing that may be written is protected", async () => {
  for (const key of writableKeys.keys()) expect(await isProtectedKey(key)).toBe(false);
});
