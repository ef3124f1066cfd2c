import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Secret } from "@carapace/config";
import { startTestGateway } from "@carapace/gateway/testing";
import { fileKeyStore, openState } from "@carapace/state";
import { rawDatabase } from "@carapace/state/testing";
import { emptyHome, type Home, runCara } from "../../testing/cara.ts";
import { freePort } from "../../testing/port.ts";

interface Told {
  readonly check: string;
  readonly status: string;
  readonly say: string;
  readonly command?: string;
  readonly fixable: boolean;
}

/** A state directory with something in it, and a port of its own. */
async function used(config: object = {}): Promise<Home> {
  const home = emptyHome();
  mkdirSync(home.stateDir, { mode: 0o700 });
  const text = JSON.stringify({ ...config, gateway: { port: await freePort() } });
  writeFileSync(join(home.stateDir, "carapace.json"), text, { mode: 0o600 });
  const keys = fileKeyStore(home.stateDir);
  const state = await openState({ dir: home.stateDir, keys, newId: () => crypto.randomUUID() });
  await state.settings.set("a", 1);
  await state[Symbol.asyncDispose]();
  return home;
}

async function doctor(home: Home, words: readonly string[] = [], env: Record<string, string> = {}) {
  const ran = await runCara(["doctor", "--json", ...words], { home, env });
  const { findings } = JSON.parse(ran.stdout) as { findings: Told[] };
  return { ...ran, findings, of: (check: string) => findings.filter((one) => one.check === check) };
}

test("a directory that was never used has nothing wrong with it, and is not made", async () => {
  using home = emptyHome();
  const told = await doctor(home);
  expect(told.code).toBe(0);
  expect(told.findings.filter(({ status }) => status === "problem")).toEqual([]);
  expect(statSync(home.stateDir, { throwIfNoEntry: false })).toBeUndefined();
});

test("one in order is told to be so, line by line for a person", async () => {
  using home = await used();
  const told = await doctor(home);
  const words = ["permissions", "lock", "config", "disk", "clock", "integrity", "port"];
  for (const word of words) expect(told.of(word)).toMatchObject([{ status: "ok" }]);
  const shown = await runCara(["doctor"], { home });
  expect(shown.stdout).toContain("ok       integrity: everything that is stored verifies");
  expect(shown).toMatchObject({ code: 0, stderr: "" });
});

test("files that others may look into are a problem, which --fix mends", async () => {
  using home = await used();
  const config = join(home.stateDir, "carapace.json");
  chmodSync(config, 0o644);
  chmodSync(home.stateDir, 0o755);
  const before = await doctor(home);
  expect(before.code).toBe(1);
  expect(before.of("permissions")).toMatchObject([{ status: "problem", fixable: true }]);
  expect(statSync(config).mode & 0o777).toBe(0o644);
  const after = await doctor(home, ["--fix"]);
  expect(after.of("permissions")).toMatchObject([{ status: "ok" }]);
  expect(after.stderr).toContain("Fixed permissions");
  expect([config, home.stateDir].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o700]);
});

test("a state directory that others may look into is told of, though the look itself closes it", async () => {
  using home = await used();
  chmodSync(home.stateDir, 0o755);
  const told = await doctor(home, []);
  const say = `other users may look into ${home.stateDir}`;
  expect(told.of("permissions")).toMatchObject([{ status: "problem", say, fixable: true }]);
  chmodSync(home.stateDir, 0o755);
  expect((await doctor(home, ["--fix"])).of("permissions")).toMatchObject([{ status: "ok" }]);
});

test("a link is told and left alone", async () => {
  using home = await used();
  symlinkSync("/etc", join(home.stateDir, "sessions"));
  const told = await doctor(home, ["--fix"]);
  expect(told.of("permissions")).toMatchObject([
    { status: "problem", command: expect.stringMatching(/^rm /) },
  ]);
});

test("a configuration that does not load is a problem, and everything else is still looked at", async () => {
  using home = await used();
  writeFileSync(join(home.stateDir, "carapace.json"), "{ broken");
  const told = await doctor(home);
  expect(told.of("config")).toMatchObject([{ status: "problem", command: "cara config validate" }]);
  expect(told.of("integrity")).toMatchObject([{ status: "ok" }]);
});

test("secrets in plain text are a warning without their text, sealed ones without the password a problem", async () => {
  const text = "sk-ant-api03-planted-in-the-configuration";
  using home = await used({ anthropic: { apiKey: text } });
  const told = await doctor(home);
  expect(told.of("secrets")).toMatchObject([{ status: "warning", command: "cara config seal" }]);
  expect(told.of("secrets")[0]?.say).toContain("anthropic.apiKey");
  expect(told.stdout + told.stderr).not.toContain(text);
  const env = { CARAPACE_CONFIG_PASSWORD: "correct horse" };
  expect((await runCara(["config", "seal"], { home, env })).code).toBe(0);
  expect((await doctor(home, [], env)).of("secrets")).toEqual([]);
  const locked = await doctor(home);
  expect(locked.of("secrets")).toMatchObject([{ status: "problem" }]);
});

test("a key in a plain file is a warning that names what to run", async () => {
  using home = await used();
  expect((await doctor(home)).of("key")).toMatchObject([{ status: "warning", command: "cara state rekey" }]);
});

test("a key that is not there is a problem, and the database is left alone", async () => {
  using home = await used();
  writeFileSync(join(home.stateDir, "state.key"), "nonsense\n");
  const told = await doctor(home);
  expect(told.of("key")).toMatchObject([{ status: "problem" }]);
  expect(told.of("integrity")).toMatchObject([{ status: "problem" }]);
});

test("what was changed from outside is found", async () => {
  using home = await used();
  const raw = await rawDatabase(home.stateDir, fileKeyStore(home.stateDir));
  raw.exec("UPDATE records SET body = '{\"value\":2}' WHERE kind = 'setting'");
  raw.close();
  const told = await doctor(home);
  expect(told.code).toBe(1);
  expect(told.of("integrity")[0]).toMatchObject({ status: "problem" });
});

test("an interrupted change is told, and taken back by --fix", async () => {
  using home = await used();
  mkdirSync(join(home.stateDir, "pending-change"), { mode: 0o700 });
  expect((await doctor(home)).of("interrupted change")).toMatchObject([{ status: "warning", fixable: true }]);
  expect((await doctor(home, ["--fix"])).of("interrupted change")).toEqual([]);
});

test("a login that another tool left is a problem", async () => {
  using home = await used();
  mkdirSync(join(home.stateDir, "credentials"), { mode: 0o700 });
  writeFileSync(join(home.stateDir, "credentials", "oauth.json"), '{"access": "abc"}', { mode: 0o600 });
  expect((await doctor(home)).of("old logins")).toMatchObject([{ status: "problem" }]);
});

test("a port that another program holds is a problem", async () => {
  using home = await used();
  const { port } = JSON.parse(await Bun.file(join(home.stateDir, "carapace.json")).text()).gateway;
  const other = createServer((socket) => socket.end("220 not a gateway\r\n"));
  await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
  const told = await doctor(home);
  other.close();
  expect(told.of("port")).toMatchObject([{ status: "problem" }]);
});

test("beside a running gateway nothing is opened, and it is named", async () => {
  await using gateway = await startTestGateway();
  using home = emptyHome();
  const told = await doctor(home, [], { CARAPACE_STATE_DIR: gateway.stateDir });
  expect(told.of("lock")[0]?.say).toContain("a gateway works on");
  expect(told.of("integrity")).toMatchObject([{ status: "skipped" }]);
  expect(told.of("port")).toMatchObject([{ status: "warning" }]);
});

test("a state directory that is none, or cannot be looked at, is a problem and nobody's fault", async () => {
  using home = emptyHome();
  writeFileSync(home.stateDir, "a file", { mode: 0o644 });
  const file = await doctor(home, ["--fix"]);
  expect(file.of("permissions")).toMatchObject([
    { status: "problem", say: expect.stringContaining("not a folder") },
  ]);
  expect(statSync(home.stateDir).mode & 0o777).toBe(0o644);
  const long = await doctor(home, [], { CARAPACE_STATE_DIR: `/tmp/${"x".repeat(300)}` });
  expect(long.of("permissions")).toMatchObject([
    { status: "problem", say: expect.stringContaining("ENAMETOOLONG") },
  ]);
  expect(long.of("sandbox")).toHaveLength(1);
});

test.skipIf(process.getuid?.() === 0)(
  "a folder that cannot be looked into is a problem (missing: a user other than root)",
  async () => {
    using home = await used();
    const folder = join(home.stateDir, "shut");
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, "x"), "", { mode: 0o600 });
    chmodSync(folder, 0o400);
    const told = await doctor(home);
    chmodSync(folder, 0o700);
    expect(told.of("permissions")).toMatchObject([
      { status: "problem", say: expect.stringContaining("EACCES") },
    ]);
  },
);

test("a lock that cannot be taken is a problem, and everything else is still looked at", async () => {
  using home = await used();
  rmSync(join(home.stateDir, ".matrix-rekey.lock.lock"), { force: true });
  mkdirSync(join(home.stateDir, ".matrix-rekey.lock.lock"), { mode: 0o700 });
  const told = await doctor(home);
  expect(told.code).toBe(1);
  expect(told.of("integrity")).toMatchObject([{ status: "problem" }]);
  expect(told.of("integrity")[0]?.say).toContain(".matrix-rekey.lock.lock");
  expect(told.of("port")).toMatchObject([{ status: "ok" }]);
});

test("a sign-in that cannot be used is a problem; where none is stored nothing is said of them", async () => {
  using home = await used();
  expect((await doctor(home)).of("sign-ins")).toEqual([]);
  const password = { CARAPACE_CONFIG_PASSWORD: "one sentence of a test" };
  const { openAccounts } = await import("@carapace/accounts");
  const { setupToken } = openAccounts({ env: { ...home.env, ...password }, nowMs: Date.now });
  const made = setupToken(new Secret(`sk-ant-oat01-${"q7w2".repeat(24)}`));
  if (!made.ok) throw new Error(made.say);
  expect(await made.value.store()).toMatchObject({ ok: true });

  expect((await doctor(home, [], password)).of("sign-ins")).toMatchObject([{ status: "ok" }]);
  const say = expect.stringContaining("set CARAPACE_CONFIG_PASSWORD");
  expect((await doctor(home)).of("sign-ins")).toMatchObject([{ status: "problem", say }]);
  const other = await doctor(home, [], { CARAPACE_CONFIG_PASSWORD: "another sentence" });
  expect(other.of("sign-ins")).toMatchObject([
    { status: "problem", say: expect.stringContaining("does not open") },
  ]);
  writeFileSync(join(home.stateDir, "auth_profiles.json"), "{ broken", { mode: 0o600 });
  expect((await doctor(home)).of("sign-ins")).toMatchObject([{ status: "problem" }]);
});
