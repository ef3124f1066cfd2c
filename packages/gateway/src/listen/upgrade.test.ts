import { expect, test } from "bun:test";
import { readAnswer } from "../http/testing/raw-http.ts";
import { startTestListener } from "./testing/listener.ts";
import { openRaw, upgradeRequest } from "./testing/raw.ts";

/** @returns the status of an upgrade with these headers, and the answer's. */
async function upgraded(port: number, headers: readonly string[]) {
  using raw = await openRaw(port);
  raw.write(upgradeRequest({ headers: headers.map((header) => `${header}\r\n`).join("") }));
  await raw.until("\r\n\r\n");
  return readAnswer(raw.received());
}

test("a page may open a socket to the host it comes from, by the scheme it came with", async () => {
  await using gateway = await startTestListener({ http: { trusted: new Set(["127.0.0.1"]) } });
  const { port } = gateway.listener;
  const status = async (...headers: string[]) => (await upgraded(port, headers)).status;
  const proxied = ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https"];
  expect(await status()).toBe(101);
  expect(await status("Origin: http://localhost")).toBe(101);
  expect(await status("Origin: https://localhost")).toBe(403);
  expect(await status("Origin: http://localhost:8080")).toBe(403);
  expect(await status("Origin: https://localhost", ...proxied)).toBe(101);
  expect(await status("Origin: http://localhost", ...proxied)).toBe(403);
});

test("a refused upgrade has the security headers", async () => {
  await using gateway = await startTestListener();
  const { headers } = await upgraded(gateway.listener.port, ["Origin: http://evil.example"]);
  expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
});

test("behind a trusted proxy each caller has places of his own; behind another the proxy has them", async () => {
  const limits = { maxPerIp: 1 };
  const trusted = new Set(["127.0.0.1"]);
  await using gateway = await startTestListener({ limits, http: { trusted } });
  const from = (ip: string) => gateway.open({ "X-Forwarded-For": ip });
  using _one = await from("203.0.113.9");
  await expect(from("203.0.113.9")).rejects.toThrow();
  using _other = await from("203.0.113.10");
  await using strict = await startTestListener({ limits });
  using _first = await strict.open({ "X-Forwarded-For": "203.0.113.9" });
  using _second = await strict.open({ "X-Forwarded-For": "203.0.113.9" });
});
