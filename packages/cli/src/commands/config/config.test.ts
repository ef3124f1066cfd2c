import { afterAll, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyHome, runCara } from "../../../testing/cara.ts";

const home = emptyHome();
const file = join(home.stateDir, "carapace.json");
const cara = (...words: string[]) => runCara(["config", ...words], { home });
const secret = "sk-test-0123456789abcdef0123456789";

beforeEach(() => rmSync(home.stateDir, { recursive: true, force: true }));
afterAll(() => home[Symbol.dispose]());

function given(text: string): void {
  mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
  writeFileSync(file, text, { mode: 0o600 });
}

test("path prints the file's place, there or not", async () => {
  expect(await cara("path")).toEqual({ code: 0, stdout: `${file}\n`, stderr: "" });
});

test("set makes folder and file, owner-only, and get reads the value back", async () => {
  expect(await cara("set", "gateway.port", "18790")).toEqual({
    code: 0,
    stdout: "Set gateway.port = 18790\n",
    stderr: "",
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await cara("get", "gateway.port")).toEqual({ code: 0, stdout: "18790\n", stderr: "" });
  expect(await cara("get", "gateway")).toEqual({ code: 0, stdout: '{\n  "port": 18790\n}\n', stderr: "" });
});

test("a text is printed bare, and as JSON on demand", async () => {
  await cara("set", "gateway.bind", "loopback");
  expect((await cara("get", "gateway.bind")).stdout).toBe("loopback\n");
  expect((await cara("get", "gateway.bind", "--json")).stdout).toBe('"loopback"\n');
});

test("get --effective shows defaults, get alone does not", async () => {
  expect(await cara("get", "gateway.port")).toEqual({
    code: 1,
    stdout: "",
    stderr: "Key not found: gateway.port in the file; --effective shows the value in force\n",
  });
  expect(await cara("get", "gateway.port", "--effective")).toEqual({
    code: 0,
    stdout: "18789\n",
    stderr: "",
  });
});

test("what is in force holds unknown keys and included ones too", async () => {
  given('{ "$include": "more.json5", "wizard": { "step": 3 } }');
  writeFileSync(join(home.stateDir, "more.json5"), "{ gateway: { port: 18799 } }");
  expect(JSON.parse((await cara("show")).stdout)).toMatchObject({
    gateway: { port: 18799 },
    wizard: { step: 3 },
  });
  expect((await cara("get", "wizard.step", "--effective")).stdout).toBe("3\n");
  expect((await cara("get", "gateway.port")).stderr).toContain("--effective shows the value in force");
});

test("unset removes a key once", async () => {
  await cara("set", "gateway.port", "18790");
  expect(await cara("unset", "gateway.port")).toMatchObject({ code: 0, stdout: "Removed gateway.port\n" });
  expect(await cara("unset", "gateway.port")).toMatchObject({ code: 1, stdout: "" });
});

test("no command shows a secret", async () => {
  given(JSON.stringify({ openai: { apiKey: secret }, gateway: { auth: { mode: "token", token: secret } } }));
  const shown = await Promise.all([
    cara("show"),
    cara("get", "openai"),
    cara("get", "openai.apiKey"),
    cara("get", "gateway.auth", "--effective"),
    cara("validate"),
    cara("validate", "--json"),
  ]);
  for (const ran of shown) expect(ran.stdout + ran.stderr).not.toContain(secret);
  expect(shown[2]?.stdout).toBe("[REDACTED]\n");
  expect(JSON.parse(shown[0]?.stdout ?? "")).toMatchObject({ gateway: { auth: { token: "[REDACTED]" } } });
});

test("a credential cannot be set from the shell, and is not repeated", async () => {
  const ran = await cara("set", "openai.apiKey", secret);
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toStartWith("Error: ");
  expect(ran.stderr).toContain("openai.apiKey");
  expect(ran.stderr).not.toContain(secret);
  expect(await cara("get", "openai")).toMatchObject({ code: 1 });
});

test("a value the schema forbids is refused, and nothing is written", async () => {
  given('{ "gateway": { "port": 18790 } }\n');
  const ran = await cara("set", "gateway.port", "99999");
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toBe(
    "Error: nothing was changed: .gateway.port: must be a whole number from 1 to 65535\n",
  );
  expect(readFileSync(file, "utf8")).toBe('{ "gateway": { "port": 18790 } }\n');
});

test("several broken rules are told line by line, and so is a missing variable", async () => {
  given('{ "gateway": { "port": 0 } }\n');
  const ran = await cara("set", "agents.defaults.model", "gpt-5");
  expect(ran.stderr).toMatch(
    /^Error: nothing was changed:\n {2}\.gateway\.port: .*\n {2}\.agents\.defaults\.model: .*\n$/,
  );
  given("{}\n");
  expect((await cara("set", "wizard.x", "$" + "{NOT_SET}")).stderr).toContain(
    "the variable NOT_SET is not set",
  );
});

test("a warning after a write says which line to look at", async () => {
  const ran = await cara("set", "gateway.prot", "1");
  expect(ran.code).toBe(0);
  expect(ran.stderr).toBe(`Warning: ${file}:3:5: .gateway.prot: unknown key "prot": did you mean "port"?\n`);
});

test("a folder is no configuration, and no line of it is named", async () => {
  const ran = await cara("validate", home.folder);
  expect(ran.stderr).toBe(`Error: ${home.folder}: this is not a regular file; name a file, or remove it\n`);
});

test("what is no key is refused", async () => {
  for (const words of [
    ["get", "a..b"],
    ["set", "", "1"],
    ["unset", "a[x]"],
  ]) {
    expect(await cara(...words)).toMatchObject({ code: 1, stdout: "" });
  }
});

test("a file that does not parse is told with its place by every command that reads it", async () => {
  given('{\n  "gateway": {\n');
  for (const words of [["show"], ["get", "gateway"], ["set", "gateway.port", "1"], ["validate"]]) {
    const ran = await cara(...words);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("carapace.json");
  }
});

test("a file that may not be read is a refusal", async () => {
  given("{}");
  chmodSync(file, 0o000);
  // Root reads it all the same.
  const expected = process.getuid?.() === 0 ? 0 : 1;
  expect(await cara("show")).toMatchObject({ code: expected });
});

test("validate says what is wrong where, in both forms", async () => {
  given('{\n  "gateway": { "port": "many" },\n  "gatway": {}\n}\n');
  const ran = await cara("validate");
  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain(`Error: ${file}:2:`);
  expect(ran.stdout).toContain("Warning: ");
  const json = await cara("validate", "--json");
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ valid: false, path: file });
});

test("validate takes another file, which must be there", async () => {
  const draft = join(home.folder, "draft.json5");
  writeFileSync(draft, "{ gateway: { port: 1 } } // fine\n");
  expect(await cara("validate", draft)).toEqual({ code: 0, stdout: `${draft} is valid.\n`, stderr: "" });
  expect(await cara("validate", join(home.folder, "none.json"))).toMatchObject({ code: 1, stdout: "" });
});

test("without a file the defaults are valid", async () => {
  expect(await cara("validate")).toMatchObject({ code: 0 });
  expect(await cara("show")).toMatchObject({ code: 0, stderr: "" });
});

test("a protected key says where it is changed instead", async () => {
  const ran = await cara("set", "gateway.auth.token", "abc");
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain("gateway.auth. It is a credential");
  expect(ran.stderr).toContain("cara secrets set");
});

test("show is JSON with --json too", async () => {
  expect(await cara("show", "--json")).toEqual(await cara("show"));
});

test("a file that does not parse is told to scripts in the same shape as one that breaks a rule", async () => {
  given("{\n  gateway: { port: 1,,  }\n}");
  const ran = await cara("validate", "--json");
  expect(ran.code).toBe(1);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    valid: false,
    path: file,
    exists: true,
    issues: [{ severity: "error", path: "", at: { file, line: 2 } }],
  });
});
