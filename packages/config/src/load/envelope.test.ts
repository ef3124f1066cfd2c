import { expect, test } from "bun:test";
import { loadConfig } from "../load-config.ts";
import { testFolder } from "../testing/folder.ts";
import { loadStages } from "./pipeline.ts";

const envelope = "enc:v2:ICEiIyQlJicoKSor:MKIrbMiAexykMNrbckoIks7rDG8iwPXd6s3LRA==:AAECAwQFBgcICQoLDA0ODw==";

test("a sealed value is null with a warning while it is locked, and never reaches a variable", async () => {
  const text = `{gateway: {auth: {token: '${envelope}'}}, env: {OPENAI_API_KEY: '${envelope}', B: 'x\${OPENAI_API_KEY}'}, openai: {apiKey: '\${OPENAI_API_KEY}'}}`;
  using folder = testFolder({ "carapace.json5": text });
  const loaded = await loadConfig({ env: { ...folder.env, OPENAI_API_KEY: "from the process" } });
  if (!loaded.ok) throw new Error(loaded.say);
  const { resolved, parsed, injected, config, issues, lookup } = loaded.value;
  expect(resolved).toMatchObject({
    gateway: { auth: { token: null } },
    openai: { apiKey: null },
    env: { OPENAI_API_KEY: null },
  });
  expect(parsed).toMatchObject({ gateway: { auth: { token: envelope } } });
  expect(injected).toEqual({});
  expect(lookup("OPENAI_API_KEY")).toBeUndefined();
  expect(config.gateway.auth.token).toBeUndefined();
  expect(issues.filter((issue) => issue.severity === "error")).toEqual([]);
  expect(issues.map((issue) => issue.path).sort()).toEqual([
    ".env.OPENAI_API_KEY",
    ".gateway.auth.token",
    ".openai.apiKey",
  ]);
});

test("another version anywhere ends the load", async () => {
  using folder = testFolder({ "carapace.json5": "{\n plugins: {x: ['enc:v3:abc']}}" });
  const failed = await loadConfig({ env: folder.env });
  expect(failed).toMatchObject({
    ok: false,
    details: { kind: "ValidationError", issues: [{ path: ".plugins.x[0]", at: { line: 2 } }] },
  });
});

test("a malformed one stays the text it is", async () => {
  using folder = testFolder({ "carapace.json5": "{x: 'enc:v2:abc'}" });
  expect(await loadConfig({ env: folder.env })).toMatchObject({
    ok: true,
    value: { resolved: { x: "enc:v2:abc" } },
  });
});

test("what an opener opens is used, in variables too", async () => {
  using folder = testFolder({ "carapace.json5": `{env: {K: '${envelope}'}, a: '\${K}!', b: '${envelope}'}` });
  const opener = {
    why: "",
    open: async (all: readonly string[]) => new Map(all.map((one) => [one, "hello secret"])),
  };
  const outcome = await loadStages({ env: {}, path: folder.file("carapace.json5"), opener });
  expect(outcome).toMatchObject({
    ok: true,
    loaded: { resolved: { a: "hello secret!", b: "hello secret" }, warnings: [] },
  });
});
