import { expect, test } from "bun:test";
import { vendorApi } from "./vendor-api.ts";

const vendor = "https://api.vendor.example";
const found = (url: string) => vendorApi(url, { vendor, name: "vendor.baseUrl" });

test.each([
  [vendor, vendor, false],
  [`${vendor}/`, vendor, false],
  ["https://bots.example.org/api/", "https://bots.example.org/api", true],
  ["http://127.0.0.1:8081", "http://127.0.0.1:8081", true],
  ["http://localhost:8081/", "http://localhost:8081", true],
  ["http://192.168.1.5", "http://192.168.1.5", true],
])("%s is where requests go", async (url, root, isOwners) => {
  expect(await found(url)).toEqual({ ok: true, value: { root, isOwners } });
});

test.each([
  ["http://bots.example.org", "https"],
  ["http://8.8.8.8", "https"],
  ["https://me:pw@bots.example.org", "user name"],
  ["https://bots.example.org/?a", "leave out"],
  ["https://bots.example.org/#a", "leave out"],
  ["https://169.254.169.254", "not public"],
  ["ftp://example.org", "protocol"],
  ["api.vendor.example", "URL"],
  ["", "URL"],
])("%p is refused, with the key and what is wrong", async (url, say) => {
  const refused = await found(url);
  expect(refused.ok).toBe(false);
  if (refused.ok) return;
  expect(refused.say).toStartWith("vendor.baseUrl: ");
  expect(refused.say).toContain(say);
});
