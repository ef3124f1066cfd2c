import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { startTestGateway, type TestGateway } from "@carapace/gateway/testing";
import { emptyHome, type Home, launcher, runCara } from "../../testing/cara.ts";
import { freePort } from "../../testing/port.ts";
import { logLine } from "./logs.ts";

let gateway: TestGateway;
let home: Home;
beforeAll(async () => {
  gateway = await startTestGateway();
  home = emptyHome();
  Object.assign(home.env, { CARAPACE_STATE_DIR: gateway.stateDir });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  home[Symbol.dispose]();
});
const logs = (...words: string[]) =>
  runCara(["logs", "-p", String(gateway.gateway.port), ...words], { home });

test("records come as lines, and as JSON with sorted keys", async () => {
  const ran = await logs();
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.stdout).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[info\] gateway: gateway ready/m);
  const lines = (await logs("--json")).stdout.trim().split("\n");
  for (const line of lines)
    expect(Object.keys(JSON.parse(line))).toEqual(Object.keys(JSON.parse(line)).sort());
});

test("number, level and pattern choose the records", async () => {
  const one = await logs("-n", "1");
  expect(one.stdout.trim().split("\n")).toHaveLength(1);
  expect(one.stderr).toBe("");
  expect((await logs("--level", "error")).stdout).toBe("");
  expect((await logs("--pattern", "^nothing$")).stdout).toBe("");
  const bad = await logs("--pattern", "(");
  expect(bad).toMatchObject({ code: 1, stdout: "" });
  expect(bad.stderr).toContain("pattern");
});

test("following shows what comes, until the gateway is gone", async () => {
  await using other = await startTestGateway();
  const env = { ...home.env, CARAPACE_STATE_DIR: other.stateDir };
  const words = ["logs", "-f", "--level", "info", "-p", String(other.gateway.port)];
  const child = Bun.spawn([launcher, ...words], { env, stdout: "pipe", stderr: "pipe" });
  const reader = child.stdout.getReader();
  let seen = "";
  while (!seen.includes("gateway ready")) {
    const { done, value } = await reader.read();
    if (done) break;
    seen += new TextDecoder().decode(value);
  }
  expect(seen).toContain("gateway ready");
  await other.gateway.close("test");
  expect(await child.exited).toBe(1);
  expect(await child.stderr.text()).toContain("the connection to the gateway was lost");
});

test("without a gateway, and to another machine without protection, it is refused", async () => {
  const absent = await runCara(["logs", "-p", String(await freePort())], { home });
  expect(absent).toMatchObject({ code: 1, stdout: "" });
  expect(absent.stderr).toStartWith("Error: ");
  expect(absent.stderr).toContain("cara start");
  using nobody = emptyHome();
  await runCara(["logs", "-p", String(await freePort())], { home: nobody });
  expect(existsSync(join(nobody.stateDir, "device-identity.json"))).toBe(false);
  const remote = await runCara(["logs", "--host", "192.0.2.1"], { home });
  expect(remote).toMatchObject({ code: 1, stdout: "" });
  expect(remote.stderr).toContain("--allow-plaintext");
});

test("the gateway of another state directory is told apart from a wrong token", async () => {
  using other = emptyHome();
  const words = ["logs", "-p", String(gateway.gateway.port)];
  const ran = await runCara(words, { home: other });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain(`does not belong to ${other.stateDir}`);
  const env = { CARAPACE_GATEWAY_TOKEN: "not-the-token-of-this-gateway-000000000000" };
  expect((await runCara(words, { home: other, env })).stderr).toContain("did not accept the credentials");
});

test("a record stays on its line whatever it holds", () => {
  const entry = { seq: 1, timestamp: "T", level: "warn", target: "a\n", message: "x\u001b[2J\ny" };
  expect(logLine(entry)).toBe("T [warn] a : x[2J y");
});

test("a record's fields follow its message", () => {
  const fields = {
    runId: "r1",
    why: "two\nwords",
    ms: 5,
    list: [{ b: 1, a: null }],
    empty: "",
    bidi: "\u202e",
  };
  const entry = { seq: 1, timestamp: "T", level: "warn", target: "runs", message: "failed", fields };
  expect(logLine(entry)).toBe(
    'T [warn] runs: failed runId=r1 why="two\\nwords" ms=5 list=[{"a":null,"b":1}] empty="" bidi=',
  );
});
