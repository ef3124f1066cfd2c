import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { startTestGateway, type TestGateway } from "@carapace/gateway/testing";
import { emptyHome, type Home, launcher, runCara } from "../../testing/cara.ts";
import { freePort } from "../../testing/port.ts";

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

/** A running `cara logs -f`; stopped at the end. */
function followLogs(words: readonly string[], env: Record<string, string>) {
  const child = Bun.spawn([launcher, "logs", "-f", ...words], { env, stdout: "pipe", stderr: "pipe" });
  const out = textOf(child.stdout);
  const notes = textOf(child.stderr);
  return {
    exited: child.exited,
    until: out.until,
    untilNote: notes.until,
    /** @returns what it wrote to stderr */
    async stop() {
      child.kill("SIGINT");
      await child.exited;
      return await notes.until(() => false);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** Reads a stream until its text is what is waited for, or until it ends. */
function textOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    async until(isThere: (text: string) => boolean): Promise<string> {
      while (!isThere(text)) {
        const { done, value } = await reader.read();
        if (done) break;
        text += value;
      }
      return text;
    },
  };
}

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
  expect(bad.stderr).toContain("does not read this --pattern");
});

test("following goes on when the gateway was restarted, and loses and repeats nothing", async () => {
  using folder = emptyHome();
  const first = await startTestGateway({ stateDir: folder.stateDir });
  const port = String(first.gateway.port);
  await using child = followLogs(["-p", port], folder.env);
  await child.until((text) => text.includes("gateway ready"));
  await first[Symbol.asyncDispose]();
  await child.untilNote((text) => text.includes("The connection to the gateway was lost"));
  await using _second = await startTestGateway({ stateDir: folder.stateDir, port: Number(port) });
  const text = await child.until((seen) => seen.split("gateway ready").length > 2);
  expect(text.match(/gateway ready/g)).toHaveLength(2);
  const lines = text.trim().split("\n");
  expect(new Set(lines).size).toBe(lines.length);
  expect((await child.stop()).match(/lost/g)).toHaveLength(1);
});

test("following ends with the reason when the gateway that comes back refuses", async () => {
  using folder = emptyHome();
  const first = await startTestGateway({ stateDir: folder.stateDir });
  const port = String(first.gateway.port);
  await using child = followLogs(["-p", port], folder.env);
  await child.until((text) => text.includes("gateway ready"));
  await first[Symbol.asyncDispose]();
  // Another state directory: this one's token does not fit.
  await using _stranger = await startTestGateway({ port: Number(port) });
  expect(await child.exited).toBe(1);
  expect(await child.stop()).toContain(`does not belong to ${folder.stateDir}`);
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
