import { afterAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { lockFile } from "@carapace/files";
import fc from "fast-check";
import { enabled, startControlled } from "../testing/gateway.ts";

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const path = "gateway.controlUi.enabled";
const usual = JSON.stringify(enabled);
const baseHash = hashOf(usual);
/** For all that is refused: its file never changes. */
const usualGateway = await startControlled();
afterAll(() => usualGateway[Symbol.asyncDispose]());

test("a key is set, comments stay, the new hash serves the next change, and the audit log has it", async () => {
  const text = `{\n  // mine\n  gateway: { control: { enabled: true }, reload: { mode: "off" } },\n}\n`;
  await using gateway = await startControlled(text);
  const first = await gateway.patch({ path, value: true, baseHash: hashOf(text) });
  expect(first.status).toBe(200);
  expect(first.body).toMatchObject({
    ok: true,
    applied: { path, value: true, config: { gateway: { controlUi: { enabled: true } } } },
    hash: hashOf(await gateway.text()),
  });
  expect(await gateway.text()).toContain("// mine");
  const second = await gateway.patch({
    path: " gateway.controlUi.basePath ",
    value: "/my/ui",
    baseHash: first.body["hash"],
  });
  expect([second.status, second.body["hash"]]).toEqual([200, hashOf(await gateway.text())]);
  expect(second.body["applied"]).toMatchObject({ path: "gateway.controlUi.basePath", value: "/my/ui" });
  const told = (key_path: string) => ({ key_path, actor: "127.0.0.1", method: "control_api" });
  expect(await gateway.audited("config_changed")).toMatchObject([
    { actor: "127.0.0.1", data: told(path) },
    { data: told("gateway.controlUi.basePath") },
  ]);
});

test.each([
  ["nothing", "", 400],
  ["no JSON", "{", 400],
  ["a byte order mark", "\ufeff{}", 400],
  ["a list", "[]", 400],
  ["no path", { value: true, baseHash }, 400],
  ["a blank path", { path: " \t", value: true, baseHash }, 400],
  ["a path that is no text", { path: ["gateway"], value: true, baseHash }, 400],
  ["no value", { path, baseHash }, 400],
  ["a hash that is no text", { path, value: true, baseHash: 7 }, 400],
  ["nested too deep", `{"path":"${path}","value":${"[".repeat(40)}${"]".repeat(40)}}`, 400],
  ["a huge nest", `{"path":"x","value":${"[".repeat(120_000)}`, 400],
  ["no hash", { path, value: true }, 400],
  ["a blank hash", { path, value: true, baseHash: " " }, 400],
  ["another hash", { path, value: true, baseHash: "0".repeat(64) }, 409],
  ["the hash in capitals", { path, value: true, baseHash: baseHash.toUpperCase() }, 409],
  ["a value of another type", { path, value: "true", baseHash }, 422],
  ["null", { path, value: null, baseHash }, 422],
  ["an object", { path, value: { enabled: true }, baseHash }, 422],
  ["a path that is no path", { path: "gateway.controlUi.basePath", value: "//evil.example", baseHash }, 422],
  ["a path upwards", { path: "gateway.controlUi.basePath", value: "/a/../../etc", baseHash }, 422],
  ["a variable", { path: "gateway.controlUi.basePath", value: `\${HOME}`, baseHash }, 422],
  ["a sealed text", { path: "gateway.controlUi.basePath", value: "enc:v2:a:b:c", baseHash }, 422],
  ["a path of another route", { path: "gateway.controlUi.basePath", value: "/control", baseHash }, 422],
  ["the path of the hooks", { path: "gateway.controlUi.basePath", value: "hooks/x", baseHash }, 422],
  ["a path below the hooks", { path: "gateway.controlUi.basePath", value: "/hooks", baseHash }, 422],
  ["a long path", { path: "gateway.controlUi.basePath", value: `/${"a".repeat(200)}`, baseHash }, 422],
  ["a huge value", { path: "gateway.controlUi.basePath", value: "a".repeat(250_000), baseHash }, 422],
])("%s is refused, and nothing is written", async (_name, body, status) => {
  const answer = await usualGateway.patch(body);
  expect([answer.status, answer.body["ok"]]).toEqual([status, false]);
  expect(typeof answer.body["error"]).toBe("string");
  expect(Array.isArray(answer.body["issues"])).toBe(status === 422);
  expect(await usualGateway.text()).toBe(usual);
});

test.each([
  "gateway.auth",
  "gateway.auth.token",
  "gateway.auth.mode.x",
  "gateway.controlUi.allowInsecureAuth",
  "gateway.controlUi.dangerouslyDisableDeviceAuth",
  "gateway.controlUi.path",
  "gateway.hooks.token",
  "credentials.x",
  "secrets.x",
  "anthropic.apiKey",
  "openai.baseUrl",
  "telegram.botToken",
  "auth.profiles.redirectBaseUrl",
  "auth.profiles.providers.openai.clientSecret",
  "plugins.signature",
  "env.OPENAI_API_KEY",
  "env.vars.CARAPACE_GATEWAY_TOKEN",
])("%s is protected, whatever the hash", async (key) => {
  const answer = await usualGateway.patch({ path: key, value: "x" });
  expect(answer.status).toBe(403);
  expect(answer.body["error"]).toContain("protected");
});

test.each([
  "gateway",
  "gateway.controlUi",
  "gateway.port",
  "gateway.control.enabled",
  "gateway.controlUi.enabled.x",
  "gateway.controlUi.enabled[0]",
  "gateway..controlUi.enabled",
  "GATEWAY.CONTROLUI.ENABLED",
  "g\u0430teway.controlUi.enabled",
  "gateway.controlUi.enabled\u200b",
  "gateway.controlUi.enabled\u0000",
  "gateway\uff0econtrolUi\uff0eenabled",
  "gate\u00adway.controlUi.enabled",
  "__proto__",
  "__proto__.polluted",
  "constructor.prototype.polluted",
  "gateway.__proto__.polluted",
  "gateway.controlUi.__proto__",
  "toString",
])("%p may not be written over HTTP", async (key) => {
  const answer = await usualGateway.patch({ path: key, value: true, baseHash });
  expect([answer.status, answer.body["ok"]]).toEqual([403, false]);
  expect(await usualGateway.text()).toBe(usual);
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
});

test("whatever is sent is refused in words, and nothing is written", async () => {
  const paths = fc.oneof(
    fc.constantFrom(path, "gateway.controlUi.basePath", "gateway.auth.token", "__proto__", "a[0].b"),
    fc.string({ unit: "binary" }),
  );
  const hashes = fc.option(fc.constantFrom("", "0".repeat(64), baseHash), { nil: undefined });
  // No value of these is one that either key takes.
  const values = fc.oneof(fc.constant(null), fc.double(), fc.constant("//"), fc.object());
  const body = fc.oneof(fc.json(), fc.string(), fc.record({ path: paths, value: values, baseHash: hashes }));
  await fc.assert(
    fc.asyncProperty(body, async (sent) => {
      const { status, body: answer } = await usualGateway.patch(sent);
      expect([400, 403, 409, 422]).toContain(status);
      expect([answer["ok"], typeof answer["error"]]).toEqual([false, "string"]);
    }),
    { seed: 41, numRuns: 150 },
  );
  expect(await usualGateway.text()).toBe(usual);
});

test("names in a body that would reach a prototype reach nothing", async () => {
  const body = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"path":"${path}","value":{"__proto__":{"polluted":1}},"baseHash":"${baseHash}"}`;
  expect((await usualGateway.patch(body)).status).toBe(422);
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  expect(await usualGateway.text()).toBe(usual);
});

test("a body over the limit is 413, one of just that size is read", async () => {
  const padded = (size: number) => {
    const text = JSON.stringify({ path, value: "", baseHash: "x" });
    return text.replace('""', `"${"a".repeat(size - text.length)}"`);
  };
  expect((await usualGateway.patch(padded(262_144))).status).toBe(409);
  expect((await usualGateway.patch(padded(262_145))).status).toBe(413);
});

test("without the credential nothing is said of the body", async () => {
  for (const headers of [{}, { Authorization: "Bearer wrong" }]) {
    const answer = await usualGateway.patch("{", headers);
    expect([answer.status, answer.body]).toEqual([401, { ok: false, error: "Unauthorized" }]);
  }
});

test("a file that does not parse is 422, after its hash was asked for", async () => {
  await using gateway = await startControlled();
  await gateway.write("{ broken");
  expect((await gateway.patch({ path, value: true })).status).toBe(400);
  expect((await gateway.patch({ path, value: true, baseHash })).status).toBe(409);
  const answer = await gateway.patch({ path, value: true, baseHash: hashOf("{ broken") });
  expect([answer.status, answer.body["issues"]]).toEqual([422, []]);
  await gateway.write("[]");
  expect((await gateway.patch({ path, value: true, baseHash: hashOf("[]") })).status).toBe(422);
});

test("a file that would not be valid is 422 with the place", async () => {
  await using gateway = await startControlled();
  const wrong = "{gateway: {port: 0}}";
  await gateway.write(wrong);
  const answer = await gateway.patch({ path, value: true, baseHash: hashOf(wrong) });
  expect(answer.status).toBe(422);
  expect(answer.body["issues"]).toMatchObject([{ path: ".gateway.port" }]);
  expect(await gateway.text()).toBe(wrong);
});

test("of two who saw the same file one is told that it changed", async () => {
  await using gateway = await startControlled();
  const answers = await Promise.all([true, false].map((value) => gateway.patch({ path, value, baseHash })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
});

test("a file changed by hand while the lock was waited for is left as it is", async () => {
  await using gateway = await startControlled();
  const held = await lockFile(`${gateway.file}.lock`);
  if (!held.ok) throw new Error(held.say);
  const patching = gateway.patch({ path, value: true, baseHash });
  // Answered only after the request before it was taken up: it waits for the lock by then.
  await gateway.get("/control/config");
  await gateway.write("{ /* by hand */ }");
  held.value[Symbol.dispose]();
  expect((await patching).status).toBe(409);
  expect(await gateway.text()).toBe("{ /* by hand */ }");
});

test("without a file one is made, and no hash is needed", async () => {
  await using gateway = await startControlled();
  await Bun.file(gateway.file).delete();
  const answer = await gateway.patch({ path, value: true });
  expect([answer.status, answer.body["hash"]]).toEqual([200, hashOf(await gateway.text())]);
});
