// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import { loadConfig } from "../load-config.ts";
import { testFolder } from "../testing/folder.ts";

async function load(text: string, env: Readonly<Record<string, string>> = {}) {
  using folder = testFolder({ "carapace.json5": text });
  return loadConfig({ env: { ...folder.env, ...env } });
}

async function resolvedOf(text: string, env: Readonly<Record<string, string>> = {}) {
  const loaded = await load(text, env);
  return loaded.ok ? loaded.value.resolved : loaded;
}

test("placeholders in values are replaced, several in a text, never in keys", async () => {
  const text = "{'${A}': '${A}-${B}', list: ['${A}'], n: 5}";
  expect(await resolvedOf(text, { A: "a", B: "" })).toEqual({ "${A}": "a-", list: ["a"], n: 5 });
});

test("a doubled dollar, lower case and other forms stay text", async () => {
  const text = "{a: '$${A}', b: '${a} ${A_b} ${1A} $A ${} ${A:-x}', c: '$$${A}'}";
  expect(await resolvedOf(text, { A: "x" })).toEqual({
    a: "${A}",
    b: "${a} ${A_b} ${1A} $A ${} ${A:-x}",
    c: "$${A}",
  });
});

test("a value that looks like a placeholder is not replaced again", async () => {
  expect(await resolvedOf("{a: '${A}'}", { A: "${B}" })).toEqual({ a: "${B}" });
});

test("a missing variable is refused with its place and a way out", async () => {
  const failed = await load("{\n  a: ['x', '${NOT_SET}']}");
  expect(failed).toMatchObject({ ok: false, code: "invalid_request", details: { kind: "MissingEnvVar" } });
  expect(failed).toMatchObject({
    say: expect.stringMatching(/carapace\.json5:2:12: \.a\[1\]: the variable NOT_SET is not set/),
  });
});

test("the env section feeds placeholders and lookups, its own fields before vars, and no process", async () => {
  const loaded = await load(
    "{env: {A: 'direct', vars: {A: 'var', B: '${A}+${P}'}, shellEnv: {x: 1}}, a: '${A}', b: '${B}'}",
    { P: "p", A: "process" },
  );
  if (!loaded.ok) throw new Error(loaded.say);
  const { resolved, injected, lookup } = loaded.value;
  expect(resolved).toMatchObject({ a: "direct", b: "direct+p", env: { vars: { B: "direct+p" } } });
  expect(injected).toEqual({ A: "direct", B: "direct+p" });
  expect([lookup("A"), lookup("P"), lookup("NONE")]).toEqual(["direct", "p", undefined]);
  expect(process.env["B"]).toBeUndefined();
});

test("a variable that names itself means the process's own", async () => {
  expect(await resolvedOf("{env: {P: '${P}:/more'}, p: '${P}'}", { P: "/bin" })).toMatchObject({
    p: "/bin:/more",
  });
});

test.each([
  ["{env: {A: '${B}', B: '${C}', vars: {C: '${A}'}}}", "circle"],
  ["{env: {carapace_config_password: 'x'}}", "must not be set in the env section"],
  ["{env: {vars: {CARAPACE_STATE_DIR: 'x'}}}", "must not be set in the env section"],
  ["{env: {A: 'x\\0y'}}", "NUL"],
])("%s is refused", async (text, say) => {
  expect(await load(text)).toMatchObject({
    ok: false,
    details: { kind: "ValidationError" },
    say: expect.stringContaining(say),
  });
});

test("odd names and values are ignored with a warning", async () => {
  const loaded = await load("{env: {A: 5, 'B=C': 'x', '': 'y', vars: {D: null}}}");
  const warned = loaded.ok
    ? loaded.value.issues.filter((issue) => issue.path.startsWith(".env")).map((issue) => issue.path)
    : [];
  expect(warned.sort()).toEqual([".env.", ".env.A", ".env.B=C", ".env.vars.D"]);
  expect(loaded.ok && loaded.value.injected).toEqual({});
});

test("variables that double each other end the load before they fill the memory", async () => {
  const doubling = Array.from({ length: 40 }, (_, n) => `V${n + 1}: '\${V${n}}\${V${n}}'`).join(", ");
  expect(await load(`{env: {V0: 'xxxxxxxxxx', ${doubling}}}`)).toMatchObject({
    ok: false,
    say: expect.stringContaining("16 MiB"),
  });
  const big = JSON.stringify("${BIG}".repeat(10_000));
  expect(await load(`{a: ${big}}`, { BIG: "x".repeat(10_000) })).toMatchObject({ ok: false });
});

test("a very long chain of variables is refused, not followed down the stack", async () => {
  const chain = Array.from({ length: 5000 }, (_, n) => `V${n}: '\${V${n + 1}}'`).join(", ");
  expect(await load(`{env: {${chain}, V5000: 'end'}}`)).toMatchObject({
    ok: false,
    say: expect.stringContaining("64 times"),
  });
});

test("more values than a configuration has are refused", async () => {
  expect(await load(`{agents: {list: [${"1,".repeat(200_000)}]}}`)).toMatchObject({
    ok: false,
    say: expect.stringContaining("50000"),
  });
});
