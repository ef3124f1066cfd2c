import { expect, test } from "bun:test";
import { chmod, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startTestGateway } from "@carapace/gateway/testing";
import { emptyHome, type Home, runCara } from "../../../testing/cara.ts";
import { freePort } from "../../../testing/port.ts";
import { readSince } from "./since.ts";
import { auditLine } from "./tail.ts";

/** A state directory in which a gateway ran and made some sessions. */
async function lived(
  work: (run: (...words: string[]) => ReturnType<typeof runCara>, home: Home) => Promise<void>,
) {
  using home = emptyHome();
  {
    await using gateway = await startTestGateway({ stateDir: home.folder });
    using link = await gateway.connect();
    for (const key of ["a", "b", "c"]) await link.call("sessions.create", { key, userId: `é\u202e ${key}` });
  }
  Object.assign(home.env, { CARAPACE_STATE_DIR: home.folder, CARAPACE_CREDENTIAL_STORE: "off" });
  const port = String(await freePort());
  await work((...words) => runCara(["audit", ...words, "-p", port], { home }), home);
}

test("without a gateway the closed database is read, checked and exported", () =>
  lived(async (run, home) => {
    const tail = await run("tail", "-n", "3");
    expect(tail).toMatchObject({ code: 0, stderr: "" });
    expect(tail.stdout.trim().split("\n")).toHaveLength(3);
    expect(tail.stdout).toContain("gateway_stopped");
    expect(tail.stdout).not.toContain("\u202e");
    const created = await run("tail", "--event", "session_created", "--since", "1h", "--json");
    expect(
      created.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).event),
    ).toEqual(["session_created", "session_created", "session_created"]);
    const verified = await run("verify", "--offline");
    expect(verified).toMatchObject({ code: 0, stderr: "" });
    expect(verified.stdout).toMatch(
      /^7 records \(1 to 7\), signed through 7\nKey: ed25519:\S{43}\nNothing was/,
    );

    const file = join(home.folder, "audit.jsonl");
    expect(await run("export", "-o", file)).toMatchObject({ code: 0, stderr: "" });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await run("verify", file)).toMatchObject({ code: 0, stdout: verified.stdout });
    const again = await run("export", "-o", file);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toContain("is there already");
    await symlink("/dev/null", join(home.folder, "link"));
    expect((await run("export", "-o", join(home.folder, "link"))).code).toBe(1);
    expect((await run("export", "--since", "1h")).stdout.trim().split("\n").at(-1)).toContain('"export"');

    const lines = (await readFile(file, "utf8")).trim().split("\n");
    await writeFile(file, lines.toSpliced(2, 1).join("\n"));
    const cut = await run("verify", file, "--json");
    expect(cut.code).toBe(1);
    expect(JSON.parse(cut.stdout)).toMatchObject({ ok: false, findings: [{ kind: "removed", seq: 3 }] });
  }));

test("a running gateway is asked, and --offline reads beside it", async () => {
  using home = emptyHome();
  await using gateway = await startTestGateway({ stateDir: home.folder });
  Object.assign(home.env, { CARAPACE_STATE_DIR: home.folder, CARAPACE_CREDENTIAL_STORE: "off" });
  const run = (...words: string[]) =>
    runCara(["audit", ...words, "-p", String(gateway.gateway.port)], { home });
  const asked = await run("tail");
  expect(asked).toMatchObject({ code: 0 });
  expect(asked.stdout).toContain("auth_success");
  expect(await run("verify", "--offline")).toMatchObject({ code: 0, stderr: "" });
  const file = join(home.folder, "audit.jsonl");
  expect(await run("export", "-o", file)).toMatchObject({ code: 0 });
  expect((await run("verify", file)).code).toBe(0);
});

test("a revealed and a changed secret are in the log, with a gateway and without, and no value is", async () => {
  using home = emptyHome();
  const env = { CARAPACE_STATE_DIR: home.folder, CARAPACE_CREDENTIAL_STORE: "off" };
  Object.assign(home.env, env);
  const reveal = () => runCara(["secrets", "get", "gateway.auth.token", "--reveal"], { home });
  {
    await using gateway = await startTestGateway({ stateDir: home.folder });
    const config = { gateway: { port: gateway.gateway.port } };
    await writeFile(join(home.folder, "carapace.json"), JSON.stringify(config), { mode: 0o600 });
    expect(await reveal()).toMatchObject({ code: 0, stdout: `${gateway.token}\n`, stderr: "" });
    const set = ["secrets", "set", "openai.apiKey"];
    expect(await runCara(set, { home, stdin: "sk-test-5d0c9be1f2a7443e8b16" })).toMatchObject({ code: 0 });
    const changed = await runCara(["audit", "tail", "--event", "secret_changed"], { home });
    expect(changed.stdout).toMatch(/ device:\S+ secret_changed action=set name=openai\.apiKey\n$/);
  }
  const { stdout } = await reveal();
  const told = await runCara(["audit", "tail", "--event", "secret_revealed"], { home });
  expect(told.stdout.trim().split("\n")).toHaveLength(2);
  expect(told.stdout).toContain(" cli secret_revealed name=gateway.auth.token");
  expect(told.stdout).not.toContain(stdout.trim());
});

test("what changes secrets and the configuration while no gateway runs is in the log, without a value", async () => {
  using home = emptyHome();
  const env = { CARAPACE_STATE_DIR: home.folder, CARAPACE_CREDENTIAL_STORE: "off" };
  Object.assign(home.env, env);
  const [secret, password] = ["sk-test-77c1d0e9a4b2f6833d10", "a password for tests"];
  await using gateway = await startTestGateway({ stateDir: home.folder });
  await gateway.gateway.close("test");
  const locked = { home, env: { CARAPACE_CONFIG_PASSWORD: password } };
  const sound = { code: 0, stderr: expect.not.stringContaining("audit log") };
  const set = (stdin: string) => runCara(["secrets", "set", "openai.apiKey"], { home, stdin });
  expect(await runCara(["config", "set", "logging.level", "warn"], { home })).toMatchObject(sound);
  expect(await runCara(["config", "unset", "logging.level"], { home })).toMatchObject(sound);
  expect(await set(secret)).toMatchObject(sound);
  expect(await runCara(["config", "seal", "--dry-run"], locked)).toMatchObject(sound);
  expect(await runCara(["config", "seal"], locked)).toMatchObject(sound);
  expect(await runCara(["config", "rekey"], { ...locked, stdin: password })).toMatchObject(sound);
  expect(await runCara(["secrets", "rm", "openai.apiKey"], locked)).toMatchObject(sound);
  expect((await runCara(["secrets", "rm", "openai.apiKey"], { home })).code).toBe(1);
  const { stdout } = await runCara(["audit", "tail", "--offline", "--json"], { home });
  const told = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ actor }) => actor === "cli")
    .map(({ event, data }) => [event, data.method ?? data.action, data.key_path ?? data.name]);
  expect(told).toEqual([
    ["config_changed", "cara config set", "logging.level"],
    ["config_changed", "cara config unset", "logging.level"],
    ["secret_changed", "set", "openai.apiKey"],
    ["config_changed", "cara config seal", "openai.apiKey"],
    ["config_changed", "cara config rekey", "all sealed values"],
    ["secret_changed", "removed", "openai.apiKey"],
  ]);
  expect(stdout).not.toContain(secret);
});

test("a change that the log cannot have is made, and that is said", () =>
  lived(async (_run, home) => {
    await rm(join(home.folder, "state.key"));
    const changed = await runCara(["config", "set", "logging.level", "warn"], { home });
    expect(changed).toMatchObject({ code: 0, stdout: 'Set logging.level = "warn"\n' });
    expect(changed.stderr).toMatch(/^Warning: the audit log does not have it: The key of .* is missing/);
  }));

test("what cannot be checked is not called sound", async () => {
  using home = emptyHome();
  const run = (...words: string[]) => runCara(["audit", ...words], { home });
  const file = join(home.folder, "reference.jsonl");
  await writeFile(
    file,
    '{"ts":"2026-01-01T00:00:00Z","event":"auth_success","data":{"type":"auth_success"}}\n',
  );
  const reference = await run("verify", file);
  expect(reference.code).toBe(1);
  expect(reference.stdout).toStartWith("no chain\n");
  expect(await run("verify", join(home.folder, "none"))).toMatchObject({ code: 1, stdout: "" });
  expect((await run("verify", "--offline")).stderr).toContain("no database");
  expect((await run("tail", "--event", "nonsense")).stderr).toContain("nonsense");
  expect((await run("tail", "--since", "yesterday")).stderr).toContain("--since must be");
  expect((await run("verify", "--key", "ed25519:x")).stderr).toContain("--key needs a file");
});

const python = Bun.which("python3") ?? "";

test.skipIf(python === "")(
  "with python3: the script of docs/audit.md finds what cara audit verify finds",
  () =>
    lived(async (run, home) => {
      const docs = await readFile(join(import.meta.dir, "../../../../../docs/audit.md"), "utf8");
      const script = join(home.folder, "check.py");
      await writeFile(script, /```python\n([\s\S]*?)```/.exec(docs)?.[1] ?? "");
      await chmod(script, 0o700);
      const file = join(home.folder, "audit.jsonl");
      await run("export", "-o", file);
      const check = async () => {
        const child = Bun.spawn([python, script, file], { stdout: "pipe", stderr: "pipe" });
        return { said: await child.stdout.text(), code: await child.exited };
      };
      expect(await check()).toMatchObject({ code: 0, said: expect.stringContaining("7 records") });
      const whole = await readFile(file, "utf8");
      await writeFile(file, whole.replace("gateway_stopped", "gateway_started"));
      expect(await check()).toMatchObject({ code: 1, said: expect.stringContaining("7") });
      await writeFile(file, whole.split("\n").toSpliced(1, 1).join("\n"));
      expect((await check()).code).toBe(1);
      await writeFile(file, whole.trimEnd().split("\n").slice(0, -1).join("\n"));
      expect((await check()).code).toBe(1);
    }),
);

test("times are read as ages and as dates", () => {
  expect(readSince("30m", 10_000_000)).toBe(8_200_000);
  expect(readSince("2026-01-31", 0)).toBe(Date.UTC(2026, 0, 31));
  expect([readSince("soon", 0), readSince("7", 0), readSince("", 0)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("a record stays on its line whatever it holds", () => {
  const record = { ts: "T", seq: 7, actor: "a\n", event: "e", prevHash: "", hash: "" };
  const data = { type: "e", reason: "two\nwords\u001b[2J", n: 1 };
  expect(auditLine({ ...record, data })).toBe('T #7 a  e reason="two\\nwords\\u001b[2J" n=1');
});

test("a file of another kind is told to be one, without a line for each of its own", async () => {
  using home = emptyHome();
  const file = join(home.folder, "README.md");
  await writeFile(file, "some text\n".repeat(100));
  const ran = await runCara(["audit", "verify", file], { home });
  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain("And 80 more; --json tells all.");
  expect(ran.stdout).toContain("it may be no audit log at all");
});
