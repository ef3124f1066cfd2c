import { afterAll, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyHome, launcher, runCara } from "../../../testing/cara.ts";
import { openScreen } from "../../../testing/terminal.ts";

const home = emptyHome();
const file = join(home.stateDir, "carapace.json5");
const secret = "sk-test-0123456789abcdef0123456789";
const known = "enc:v2:ICEiIyQlJicoKSor:MKIrbMiAexykMNrbckoIks7rDG8iwPXd6s3LRA==:AAECAwQFBgcICQoLDA0ODw==";
const withPassword = { CARAPACE_CONFIG_PASSWORD: "contract-test-password" };
const cara = (words: string[], env: Record<string, string> = withPassword, stdin?: string) =>
  runCara(["config", ...words], { home, env, ...(stdin !== undefined && { stdin }) });

beforeEach(() => {
  rmSync(home.stateDir, { recursive: true, force: true });
  mkdirSync(home.stateDir, { mode: 0o700 });
});
afterAll(() => home[Symbol.dispose]());

const given = (text: string) => writeFileSync(file, text, { mode: 0o600 });
const textOf = () => readFileSync(file, "utf8");

test("seal says what it would seal, seals it once, and keeps comments", async () => {
  given(`{\n  // mine\n  openai: { apiKey: '${secret}' },\n}\n`);
  expect(await cara(["seal", "--dry-run"])).toEqual({
    code: 0,
    stdout: "Would seal openai.apiKey\n",
    stderr: "",
  });
  expect(textOf()).toContain(secret);
  const told = await cara(["seal", "--dry-run", "--json"]);
  expect(JSON.parse(told.stdout)).toEqual({
    ...{ path: file, sealed: ["openai.apiKey"], already: [], included: [], leftovers: [], dryRun: true },
  });
  expect(await cara(["seal"])).toEqual({ code: 0, stdout: "Sealed openai.apiKey\n", stderr: "" });
  expect(textOf()).toMatch(/^{\n {2}\/\/ mine\n {2}openai: { apiKey: "enc:v2:[^"]+" },\n}\n$/);
  expect(await cara(["seal"])).toEqual({
    code: 0,
    stdout: `There is nothing to seal in ${file}.\n`,
    stderr: "Sealed before: openai.apiKey\n",
  });
});

test("seal warns of the same text elsewhere, and of secrets it does not write to, without showing them", async () => {
  given(`{ $include: 'more.json5', openai: { apiKey: '${secret}' } } // ${secret}\n`);
  writeFileSync(join(home.stateDir, "more.json5"), "{ slack: { botToken: 'xoxb-0123456789' } }");
  const ran = await cara(["seal"]);
  expect(ran.code).toBe(0);
  expect(ran.stderr).toContain("slack.botToken");
  expect(ran.stderr).toContain("also stands in");
  expect(ran.stdout + ran.stderr).not.toContain(secret);
});

test("seal without the password is refused and writes nothing", async () => {
  given(`{ openai: { apiKey: '${secret}' } }`);
  const ran = await cara(["seal"], {});
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain("set CARAPACE_CONFIG_PASSWORD");
  expect(textOf()).toContain(secret);
});

test("no command shows a sealed value, open or locked", async () => {
  given(`{ openai: { apiKey: '${known}' }, odd: '${known}' }`);
  const shown = await Promise.all(
    [withPassword, { CARAPACE_CONFIG_PASSWORD: "not that one" }].flatMap((env) => [
      cara(["show"], env),
      cara(["get", "openai.apiKey"], env),
      cara(["get", "odd", "--effective"], env),
      cara(["validate", "--json"], env),
    ]),
  );
  for (const ran of shown)
    expect(ran.stdout + ran.stderr).not.toMatch(/hello secret|contract-test|not that one/);
  expect(shown[0]?.stdout).toContain('"apiKey": "[REDACTED]"');
  expect(shown[1]?.stdout).toBe("[REDACTED]\n");
  expect(shown[4]?.stderr).toContain(
    ".openai.apiKey: the sealed value does not open with this CARAPACE_CONFIG_PASSWORD",
  );
});

test("what a change seals is not repeated, whatever the key's name", async () => {
  const ran = await cara(["set", "signal.notes", "http://me:hunter2pw@127.0.0.1/"]);
  expect(ran).toMatchObject({ code: 0, stdout: 'Set signal.notes = "http://[REDACTED]@127.0.0.1/"\n' });
  expect(readFileSync(join(home.stateDir, "carapace.json"), "utf8")).toMatch(/"notes": "enc:v2:/);
});

test("rekey takes the new password from standard input; then only that opens the file", async () => {
  given(`{ openai: { apiKey: '${known}' } } // mine\n`);
  expect(await cara(["rekey"], withPassword, "new pass ü\r\n")).toEqual({
    code: 0,
    stdout: `Sealed one value in ${file} anew.\n`,
    stderr: "Set CARAPACE_CONFIG_PASSWORD to the new password and start the gateway again.\n",
  });
  expect(textOf()).toEndWith("// mine\n");
  expect((await cara(["validate"])).stdout).toContain("does not open");
  expect((await cara(["validate"], { CARAPACE_CONFIG_PASSWORD: "new pass ü" })).stdout).toBe(
    `${file} is valid.\n`,
  );
});

test.each([
  ["", "must not be empty"],
  ["\n", "must not be empty"],
  ["x".repeat(70_000), "at most"],
  ["new\nanother\n", "more than one line"],
])("rekey refuses what is no password", async (stdin, say) => {
  given(`{ openai: { apiKey: '${known}' } }`);
  const ran = await cara(["rekey"], withPassword, stdin);
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain(say);
  expect(textOf()).toContain(known);
});

test("rekey with the wrong password names what does not open", async () => {
  given(`{ openai: { apiKey: '${known}' } }`);
  const ran = await cara(["rekey"], { CARAPACE_CONFIG_PASSWORD: "not that one" }, "new\n");
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain("openai.apiKey");
  expect(textOf()).toContain(known);
});

test("on a terminal the new password is asked for twice and never shown", async () => {
  given(`{ openai: { apiKey: '${known}' } }`);
  await using screen = openScreen(["config", "rekey"], { ...home.env, ...withPassword });
  await screen.until("New configuration password: ");
  // A slip taken back, a whole line taken back, then the password.
  screen.type("wrong\u0015nexü\u007ft\r");
  await screen.until("again: ");
  screen.type("next\r");
  await screen.until("Sealed one value");
  expect(await screen.exited).toBe(0);
  expect(screen.all()).not.toMatch(/wrong|next/);
  expect((await cara(["validate"], { CARAPACE_CONFIG_PASSWORD: "next" })).stdout).toBe(`${file} is valid.\n`);
});

test.each([
  ["other\r", 1],
  ["\u0003", 130],
] as const)("a second answer of %j changes nothing", async (keys, code) => {
  given(`{ openai: { apiKey: '${known}' } }`);
  await using screen = openScreen(["config", "rekey"], { ...home.env, ...withPassword });
  await screen.until("New configuration password: ");
  screen.type("next\r");
  await screen.until("again: ");
  screen.type(keys);
  expect(await screen.exited).toBe(code);
  expect(textOf()).toContain(known);
});

test("the password may lie in an owner-only file or come through a descriptor; an open file is refused by name", async () => {
  given(`{ openai: { apiKey: '${known}' } }`);
  const password = join(home.folder, "password");
  writeFileSync(password, "contract-test-password\n", { mode: 0o600 });
  const filed = { CARAPACE_CONFIG_PASSWORD_FILE: password };
  const reveal = ["secrets", "get", "openai.apiKey", "--reveal"];
  expect(await runCara(reveal, { home, env: filed })).toMatchObject({ code: 0, stdout: "hello secret\n" });
  const piped = Bun.spawn(["sh", "-c", 'exec "$0" "$@" 7<"$given"', launcher, ...reveal], {
    env: { ...home.env, CARAPACE_CONFIG_PASSWORD_FD: "7", given: password },
    stdout: "pipe",
  });
  expect(await piped.stdout.text()).toBe("hello secret\n");
  chmodSync(password, 0o644);
  const refused = await runCara(reveal, { home, env: filed });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain(`run chmod 600 ${password}`);
});
