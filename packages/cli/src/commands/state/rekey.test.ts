import { afterAll, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openAccounts } from "@carapace/accounts";
import { Secret } from "@carapace/config";
import { startTestGateway } from "@carapace/gateway/testing";
import { createSealer } from "@carapace/secrets/envelope";
import { emptyHome, runCara } from "../../../testing/cara.ts";

const home = emptyHome();
const config = join(home.stateDir, "carapace.json");
const keyFile = join(home.stateDir, "state.key");
const cara = (words: string[], env: Record<string, string> = {}, stdin?: string) =>
  runCara(words, { home, env, ...(stdin !== undefined && { stdin }) });
const keyText = () => readFileSync(keyFile, "utf8");

/** Founds a state, and leaves it closed. */
async function founded(password = ""): Promise<void> {
  const env = { CARAPACE_CONFIG_PASSWORD: password };
  await using running = await startTestGateway({ env, stateDir: home.stateDir });
  await running.connect();
}

beforeEach(() => {
  rmSync(home.stateDir, { recursive: true, force: true });
  mkdirSync(home.stateDir, { mode: 0o700 });
});
afterAll(() => home[Symbol.dispose]());

test("without anything better the key is a new one in its file, and a warning says what is better", async () => {
  await founded();
  const before = keyText();
  const ran = await cara(["state", "rekey"]);
  expect(ran).toMatchObject({ code: 0, stdout: "The stored data has a new key, kept in state.key.\n" });
  expect(ran.stderr).toContain("CARAPACE_CONFIG_PASSWORD");
  expect(keyText()).toMatch(/^[0-9a-f]{64}\n$/);
  expect(keyText()).not.toBe(before);
  await founded();
});

test("a new password changes key and configuration together, and is told nowhere", async () => {
  const [oldPassword, newPassword] = ["old secret words", "new secret words"];
  using sealer = createSealer(oldPassword);
  const sealed = await sealer.seal("sk-test-0123456789abcdef0123456789");
  writeFileSync(config, JSON.stringify({ openai: { apiKey: sealed } }), { mode: 0o600 });
  await founded(oldPassword);
  const ran = await cara(
    ["state", "rekey", "--new-password"],
    { CARAPACE_CONFIG_PASSWORD: oldPassword },
    `${newPassword}\n`,
  );
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain("sealed with your password in state.key");
  expect(ran.stdout).toContain("1 in the configuration");
  expect(ran.stderr).toContain("Set CARAPACE_CONFIG_PASSWORD to the new password");
  expect(ran.stdout + ran.stderr).not.toContain(newPassword);
  using fresh = createSealer(newPassword);
  const { openai } = JSON.parse(readFileSync(config, "utf8"));
  expect((await fresh.open(openai.apiKey)).ok).toBe(true);
  expect((await fresh.open(keyText().trim())).ok).toBe(true);
  await expect(founded(oldPassword)).rejects.toThrow("does not open with this CARAPACE_CONFIG_PASSWORD");
  await founded(newPassword);
});

test("stored sign-ins change with it, those of other passwords stay, and the configuration alone is refused", async () => {
  const [oldPassword, newPassword] = ["old secret words", "new secret words"];
  const env = { CARAPACE_CONFIG_PASSWORD: oldPassword };
  await founded(oldPassword);
  const world = { HOME: home.folder, CARAPACE_STATE_DIR: home.stateDir };
  const accounts = (password: string) =>
    openAccounts({ env: { ...world, CARAPACE_CONFIG_PASSWORD: password }, nowMs: Date.now });
  const token = accounts(oldPassword).setupToken(new Secret(`sk-ant-oat01-${"a".repeat(80)}`));
  expect(token.ok && (await token.value.store()).ok).toBe(true);
  const alone = await cara(["config", "rekey"], env, `${newPassword}\n`);
  expect(alone).toMatchObject({ code: 1, stdout: "" });
  expect(alone.stderr).toContain("cara state rekey --new-password");
  const ran = await cara(["state", "rekey", "--new-password"], env, `${newPassword}\n`);
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain("1 in login profiles");
  expect(await accounts(newPassword).list()).toMatchObject({ value: [{ state: "ready" }] });
  expect(await accounts(oldPassword).list()).toMatchObject({ value: [{ state: "locked" }] });
});

test("a wrong password changes nothing", async () => {
  await founded("right words");
  const before = keyText();
  for (const [words, stdin] of [
    [["state", "rekey"], undefined],
    [["state", "rekey", "--new-password"], "new words\n"],
  ] as const) {
    const ran = await cara([...words], { CARAPACE_CONFIG_PASSWORD: "wrong words" }, stdin);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("CARAPACE_CONFIG_PASSWORD");
  }
  expect(keyText()).toBe(before);
  await founded("right words");
});

test("an empty new password is refused", async () => {
  await founded();
  expect(await cara(["state", "rekey", "--new-password"], {}, "\n")).toMatchObject({ code: 1, stdout: "" });
});

test("a result in JSON says where the key is, and the warning", async () => {
  await founded();
  const ran = await cara(["state", "rekey", "--json"]);
  const told = JSON.parse(ran.stdout);
  expect(told).toMatchObject({ place: "file", configValues: 0, profileValues: 0, damage: [] });
  expect(told.warning).toContain(keyFile);
});

test("while a gateway runs it refuses, naming it, and changes nothing", async () => {
  await using running = await startTestGateway({ stateDir: home.stateDir });
  const before = keyText();
  const ran = await cara(["state", "rekey"]);
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain(String(process.pid));
  expect(keyText()).toBe(before);
  expect(running.stateDir).toBe(home.stateDir);
});

test("without a database there is nothing to do, and none is made", async () => {
  const ran = await cara(["state", "rekey"]);
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain("no database");
  expect(existsSync(join(home.stateDir, "state.db"))).toBe(false);
  expect(readdirSync(home.stateDir).filter((name) => name.startsWith("pending"))).toEqual([]);
});
