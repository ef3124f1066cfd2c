import { expect, test } from "bun:test";
import { startTestGateway } from "@carapace/gateway/testing";
import { emptyHome, runCara } from "../../testing/cara.ts";
import { proxyTo } from "../../testing/proxy.ts";
import { openScreen } from "../../testing/terminal.ts";
import { readGatewayUrl } from "../link/gateway-url.ts";

test.each([
  ["https://box.example.org", "box.example.org:443", "wss://box.example.org:443/ws"],
  ["http://127.0.0.1:18789/", "127.0.0.1:18789", "ws://127.0.0.1:18789/ws"],
  [" https://[2001:db8::1]:8443 ", "[2001:db8::1]:8443", "wss://[2001:db8::1]:8443/ws"],
])("%s names a gateway", (text, address, wsUrl) => {
  expect(readGatewayUrl(text, false)).toMatchObject({ ok: true, value: { address, wsUrl } });
});

test.each([
  "https://user:hunter2@box",
  "https://@box",
  "https:/\\x@box/hunter2",
  "https://box/hunter2",
  "https://box?token=hunter2",
  "https://box#hunter2",
  "ws://box",
  "file:///etc/hunter2",
  "box:18789",
  "",
])("%j names none, and is not repeated", (text) => {
  const read = readGatewayUrl(text, false);
  expect(read).toMatchObject({ ok: false, code: "invalid_request" });
  expect(JSON.stringify(read)).not.toContain("hunter2");
});

test("from elsewhere, a device is told what to do, waits for its approval, and serves all commands from then on", async () => {
  await using gateway = await startTestGateway();
  using proxy = proxyTo(gateway.gateway.port, "203.0.113.9");
  using far = emptyHome();
  using owner = emptyHome();
  Object.assign(far.env, { CARAPACE_GATEWAY_TOKEN: gateway.token });
  Object.assign(owner.env, { CARAPACE_STATE_DIR: gateway.stateDir });
  const url = `http://127.0.0.1:${proxy.port}`;
  const refused = await runCara(["pair", url], { home: far });
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("run: cara devices approve ")]);
  await using screen = openScreen(["pair", url], far.env);
  await screen.until("Waiting for that");
  await runCara(["devices", "approve", "--yes", "-p", String(gateway.gateway.port)], { home: owner });
  await screen.until("This device is paired with the gateway at");
  expect(await screen.exited).toBe(0);
  expect((await runCara(["cron", "list", "-p", String(proxy.port)], { home: far })).code).toBe(0);
});

test("Ctrl-C ends the wait", async () => {
  await using gateway = await startTestGateway();
  using proxy = proxyTo(gateway.gateway.port, "203.0.113.9");
  using far = emptyHome();
  Object.assign(far.env, { CARAPACE_GATEWAY_TOKEN: gateway.token });
  await using screen = openScreen(["pair", `http://127.0.0.1:${proxy.port}`], far.env);
  await screen.until("Waiting for that");
  screen.type("\x03");
  expect(await screen.exited).toBe(130);
});

test("another machine gets nothing without its token, and nothing unencrypted unasked", async () => {
  using home = emptyHome();
  const bare = await runCara(["pair", "http://192.0.2.1:1"], { home });
  expect([bare.code, bare.stderr]).toEqual([1, expect.stringContaining("CARAPACE_GATEWAY_TOKEN")]);
  const env = { CARAPACE_GATEWAY_TOKEN: "x".repeat(64) };
  const plain = await runCara(["pair", "http://192.0.2.1:1"], { home, env });
  expect([plain.code, plain.stderr]).toEqual([
    1,
    expect.stringContaining("https://, or use --allow-plaintext"),
  ]);
});
