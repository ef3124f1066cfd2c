import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestGateway, type TestGateway } from "@carapace/gateway/testing";
import { fileKeyStore } from "@carapace/state";
import { rawDatabase } from "@carapace/state/testing";
import { emptyHome, type Home, runCara } from "../../packages/cli/testing/cara.ts";

let stateDir: string;
let gateway: TestGateway;
let home: Home;
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "carapace-damaged-"));
  home = emptyHome();
  Object.assign(home.env, { CARAPACE_STATE_DIR: stateDir });
  const before = await startTestGateway({ stateDir });
  const words = ["chat", "-p", String(before.gateway.port), "--message"];
  expect((await runCara([...words, "what is 6 * 7?"], { home })).code).toBe(0);
  await before[Symbol.asyncDispose]();
  const raw = await rawDatabase(stateDir, fileKeyStore(stateDir));
  raw.exec("UPDATE messages SET role = 'assistant' WHERE seq = 1");
  raw.close();
  gateway = await startTestGateway({ stateDir });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  home[Symbol.dispose]();
  await rm(stateDir, { recursive: true });
});

test("a conversation that was changed on disk is still read, and everywhere says that it was", async () => {
  using owner = await gateway.connect();
  const history = await owner.call("chat.history", { sessionKey: "cli-chat" });
  expect(history).toMatchObject({ ok: true, payload: { damage: expect.any(String) } });
  const loaded = await owner.call("sessions.load", { key: "cli-chat" });
  expect(loaded).toMatchObject({ payload: { entry: { damage: expect.any(String) } } });
  const list = await owner.call("sessions.list", {});
  expect(list).toMatchObject({ payload: { sessions: [{ damage: expect.any(String) }] } });
});

test("cara chat says so before the first line is typed, and how to go on", async () => {
  const ran = await runCara(["chat", "-p", String(gateway.gateway.port)], { home, stdin: "" });
  expect(ran.stderr).toContain("Warning: cli-chat does not go on.");
  expect(ran.stderr).toContain("/new");
});

test("with sessions.integrity.action reject it is not read at all", async () => {
  await Bun.write(
    join(stateDir, "carapace.json"),
    JSON.stringify({ sessions: { integrity: { action: "reject" } } }),
  );
  using owner = await gateway.connect();
  expect(await owner.call("config.reload")).toMatchObject({ ok: true });
  expect(await owner.call("chat.history", { sessionKey: "cli-chat" })).toMatchObject({ ok: false });
});

test("with sessions.encryption.mode required, a key in a plain file does not do", async () => {
  const config = { sessions: { encryption: { mode: "required" } } };
  await expect(startTestGateway({ config })).rejects.toThrow("cara state rekey");
  await using sealed = await startTestGateway({ config, env: { CARAPACE_CONFIG_PASSWORD: "correct horse" } });
  using owner = await sealed.connect();
  expect(await owner.call("health")).toMatchObject({ ok: true });
});
