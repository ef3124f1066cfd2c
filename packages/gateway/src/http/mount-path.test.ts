import { expect, test } from "bun:test";
import { mountPath } from "./mount-path.ts";

test.each([
  ["/hooks", "/hooks"],
  [" api/webhooks/ ", "/api/webhooks"],
  ["", "/usual"],
  ["/", "/usual"],
  ["//evil.example//", "/evil.example"],
  ["\\\\evil.example", "/evil.example"],
  ["/ciné/a b", "/cin%C3%A9/a%20b"],
  ["/a/../b/./c", "/b/c"],
  ["/..", "/usual"],
  ["/:1/:1/*", "/%3A1/%3A1/%2A"],
  ["\ud800", "/%EF%BF%BD"],
])("%p is served at %p", (configured, path) => {
  expect(mountPath(configured, "/usual")).toBe(path);
});
