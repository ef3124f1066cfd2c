import { expect, test } from "bun:test";
import { mountPath } from "./mount-path.ts";

test.each([
  ["/hooks", "/hooks"],
  [" api/webhooks/ ", "/api/webhooks"],
  ["", "/usual"],
  ["/", "/usual"],
  ["//evil.example//", "/evil.example"],
])("%p is served at %p", (configured, path) => {
  expect(mountPath(configured, "/usual")).toBe(path);
});
