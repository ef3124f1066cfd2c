import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyHome, type Home, launcher, type Ran, runCara } from "../../../testing/cara.ts";
import { openScreen } from "../../../testing/terminal.ts";
import { describeSecret } from "./list.ts";

const secret = "sk-test-4f9a1c7e0b2d8836aa51";
let home: Home;
let file: string;
beforeEach(() => {
  home = emptyHome();
  file = join(home.folder, "carapace.json5");
  home.env["CARAPACE_CONFIG_PATH"] = file;
});
afterEach(() => home[Symbol.dispose]());

const given = (text: string): void => writeFileSync(file, text, { mode: 0o600 });
const cara = (words: readonly string[], more: { stdin?: string; env?: Record<string, string> } = {}) =>
  runCara(["secrets", ...words], { home, ...more });
const silent = ({ stdout, stderr }: Ran): void => expect(stdout + stderr).not.toContain(secret);

describe("list and where", () => {
  test("say where each secret is and which place counts, and show none", async () => {
    given(`{ openai: { apiKey: "${secret}" }, telegram: { botToken: "\${MY_BOT}" } }`);
    const env = { OPENAI_API_KEY: secret, MY_BOT: secret, TELEGRAM_BOT_TOKEN: secret };
    const ran = await cara(["list", "--json"], { env });
    silent(ran);
    const listed = JSON.parse(ran.stdout);
    expect(listed.store).toMatchObject({ kind: "none", isDurable: false });
    const places = (name: string) => listed.secrets.find((one: { name: string }) => one.name === name).places;
    expect(places("openai.apiKey")).toEqual([
      { place: "environment", at: "OPENAI_API_KEY", how: "environment variable" },
      { place: "config", at: file, how: "plain text" },
    ]);
    expect(places("telegram.botToken")).toEqual([
      { place: "config", at: file, how: "refers to a variable" },
      { place: "environment", at: "TELEGRAM_BOT_TOKEN", how: "environment variable" },
    ]);
    expect(places("gateway.auth.password")).toEqual([]);
    const text = await cara(["list"], { env });
    silent(text);
    expect(text.stdout).toContain("openai.apiKey:");
    expect(text.stdout).toContain("Credential store: none");
  });

  test("know a sealed value, one that does not open, and the files of this machine", async () => {
    given("{}");
    const env = { CARAPACE_CONFIG_PASSWORD: "a password for tests" };
    expect(await cara(["set", "openai.apiKey"], { stdin: `${secret}\n`, env })).toMatchObject({ code: 0 });
    expect(readFileSync(file, "utf8")).not.toContain(secret);
    const how = async (more: { env?: Record<string, string> }) =>
      JSON.parse((await cara(["where", "openai.apiKey", "--json"], more)).stdout).places[0].how;
    expect(await how({ env })).toBe("sealed");
    expect(await how({})).toBe("sealed, does not open");
    const locked = await cara(["get", "openai.apiKey"]);
    expect(locked).toMatchObject({ code: 1, stdout: "" });
    expect(locked.stderr).toContain("openai.apiKey is sealed and does not open");
    const key = await cara(["where", "database-key"]);
    expect(key).toMatchObject({ code: 1, stdout: expect.stringContaining("not set") });
  });
});

test("what a store that does not answer may hold is not known, and not called unset", () => {
  expect(describeSecret({ name: "a:b:c", places: [], note: "the keyring is locked" })).toMatch(
    /^a:b:c: +not known\n {2}the keyring is locked$/,
  );
});

describe("set and rm", () => {
  test("change one key of the configuration file, and keep its comments and its mode", async () => {
    given("{\n  // mine\n  gateway: { port: 18790 },\n}\n");
    const ran = await cara(["set", "openai.apiKey"], { stdin: secret });
    silent(ran);
    expect(ran).toMatchObject({ code: 0, stdout: `Set openai.apiKey in ${file}\n` });
    expect(ran.stderr).toContain("cara config seal");
    expect(readFileSync(file, "utf8")).toContain("// mine");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await cara(["get", "openai.apiKey", "--reveal"])).toMatchObject({ stdout: `${secret}\n` });
    expect(await cara(["rm", "openai.apiKey"])).toMatchObject({ code: 0 });
    expect(readFileSync(file, "utf8")).not.toContain(secret);
    expect(readFileSync(file, "utf8")).toContain("18790");
    expect(await cara(["get", "openai.apiKey"])).toMatchObject({ code: 1, stdout: "" });
    const again = await cara(["rm", "openai.apiKey"]);
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("cara secrets where openai.apiKey"),
    });
  });

  test("take a value as it is, placeholders in it too", async () => {
    const odd = "a$" + "{HOME}b$$" + "{HOME}";
    for (const env of [undefined, { CARAPACE_CONFIG_PASSWORD: "a password for tests" }]) {
      given("{}");
      const more = env === undefined ? {} : { env };
      expect(await cara(["set", "gateway.auth.password"], { stdin: `${odd}\n`, ...more })).toMatchObject({
        code: 0,
      });
      const got = await cara(["get", "gateway.auth.password", "--reveal", "--json"], more);
      expect(JSON.parse(got.stdout)).toEqual({ name: "gateway.auth.password", value: odd });
    }
  });

  test("will not touch a sealed value without its password", async () => {
    given("{}");
    const env = { CARAPACE_CONFIG_PASSWORD: "a password for tests" };
    await cara(["set", "openai.apiKey"], { stdin: secret, env });
    const before = readFileSync(file, "utf8");
    for (const words of [
      ["set", "openai.apiKey"],
      ["rm", "openai.apiKey"],
    ]) {
      const ran = await cara(words, { stdin: "another-value" });
      expect(ran).toMatchObject({ code: 1, stdout: "" });
      expect(ran.stderr).toContain("openai.apiKey");
      expect(readFileSync(file, "utf8")).toBe(before);
    }
  });

  test("tell of a value that is lost, and of a gateway that still has the old one", async () => {
    given("{}");
    const env = { CARAPACE_CONFIG_PASSWORD: "a password for tests" };
    await cara(["set", "gateway.auth.token"], { stdin: secret, env });
    const other = { CARAPACE_CONFIG_PASSWORD: "another password" };
    const over = await cara(["set", "gateway.auth.token"], { stdin: "another-value", env: other });
    expect(over).toMatchObject({ code: 0 });
    expect(over.stderr).toContain("a sealed value that did not open stood here and is gone now");
    const gone = await cara(["rm", "gateway.auth.token"], { env: other });
    expect(gone).toMatchObject({ code: 0, stderr: expect.stringContaining("until it is started again") });
  });

  test("open no way to other protected keys", async () => {
    given("{}");
    const ran = await cara(["set", "openai.baseUrl"], { stdin: "http://evil.example" });
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(readFileSync(file, "utf8")).toBe("{}");
  });

  test("without a credential store an account is refused in words, and nothing is kept", async () => {
    given("{}");
    const ran = await cara(["set", "gateway:token:default"], { stdin: secret });
    silent(ran);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("there is no credential store: CARAPACE_CREDENTIAL_STORE turns it off");
    const removed = await cara(["rm", "gateway:token:default"]);
    expect(removed).toMatchObject({ code: 1, stderr: expect.stringContaining("cara secrets where") });
  });

  test("leave the keys of this machine alone", async () => {
    for (const words of [
      ["set", "database-key"],
      ["set", "device:cli:identity"],
      ["rm", "database-key"],
      ["get", "database-key", "--reveal"],
      ["get", "device:cli:identity", "--reveal"],
    ])
      expect(await cara(words, { stdin: secret })).toMatchObject({ code: 1, stdout: "" });
  });

  test("refuse an empty value, one that is too large, and one of several lines", async () => {
    given("{}");
    for (const stdin of ["", "\n", "x".repeat(70_000), "-----BEGIN X-----\nabc\n"])
      expect(await cara(["set", "openai.apiKey"], { stdin })).toMatchObject({ code: 1, stdout: "" });
    expect(readFileSync(file, "utf8")).toBe("{}");
  });
});

describe("a secret typed behind the command", () => {
  test.each([
    [["set", "openai.apiKey", secret], 2],
    [["set", "openai.apiKey", `--${secret}`], 2],
    [["set", secret], 1],
    [["get", secret], 1],
    [["where", secret], 1],
    [["rm", secret], 1],
    [["get", "openai.apiKey", secret], 2],
  ] as const)("is refused without being repeated: %p", async (words, code) => {
    given("{}");
    const ran = await cara(words, { stdin: "from-stdin" });
    expect(ran).toMatchObject({ code, stdout: "" });
    silent(ran);
    expect(readFileSync(file, "utf8")).toBe("{}");
  });
});

test("get shows a value only if asked to", async () => {
  given(`{ gateway: { auth: { token: "${secret}" } } }`);
  const hidden = await cara(["get", "gateway.auth.token"]);
  expect(hidden).toEqual({ code: 0, stdout: "[REDACTED]\n", stderr: "" });
  silent(await cara(["get", "gateway.auth.token", "--json"]));
  expect(await cara(["get", "gateway.auth.token", "--reveal"])).toMatchObject({ stdout: `${secret}\n` });
});

test("get gives a program the value to the letter, and a file that is not safe is said", async () => {
  const odd = "a\u00a0b\u200bc";
  given(JSON.stringify({ openai: { apiKey: odd } }));
  expect(await cara(["get", "openai.apiKey", "--reveal"])).toMatchObject({ stdout: `${odd}\n` });
  mkdirSync(home.stateDir, { mode: 0o700 });
  writeFileSync(join(home.stateDir, "gateway-token"), "x", { mode: 0o600 });
  const damaged = await cara(["get", "gateway.auth.token"]);
  expect(damaged).toMatchObject({ code: 1, stderr: expect.stringContaining("gateway-token is damaged") });
});

test.skipIf(process.platform !== "linux")(
  "a command that reads a secret leaves no image of its memory",
  async () => {
    given("{}");
    const child = Bun.spawn([launcher, "secrets", "set", "openai.apiKey"], {
      env: home.env,
      stdin: "pipe",
      stdout: "ignore",
    });
    const deadline = performance.now() + 5000;
    const limits = () => readFileSync(`/proc/${child.pid}/limits`, "utf8");
    while (!/^Max core file size +0 +0 /m.test(limits())) {
      if (performance.now() > deadline) throw new Error(limits());
      await Bun.sleep(5);
    }
    child.stdin.write(`${secret}\n`);
    await child.stdin.end();
    expect(await child.exited).toBe(0);
  },
);

test("several lines pasted at once are refused on a terminal too", async () => {
  given("{}");
  await using screen = openScreen(["secrets", "set", "openai.apiKey"], home.env);
  await screen.until("openai.apiKey: ");
  screen.type(`${secret}\r${secret}\r`);
  expect(await screen.exited).toBe(1);
  expect(screen.all()).not.toContain(secret);
  expect(readFileSync(file, "utf8")).toBe("{}");
});

test("on a terminal the value is asked for, and not shown", async () => {
  given("{}");
  await using screen = openScreen(["secrets", "set", "openai.apiKey"], home.env);
  await screen.until("openai.apiKey: ");
  screen.type(`${secret}\r`);
  expect(await screen.exited).toBe(0);
  expect(screen.all()).not.toContain(secret);
  expect(readFileSync(file, "utf8")).toContain(secret);
});
