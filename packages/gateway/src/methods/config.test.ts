import { expect, test } from "bun:test";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startTestGateway, type TestLink } from "../testing/index.ts";

const config = {
  agents: { defaults: { maxTokens: 1000 } },
  openai: { apiKey: "sk-proj-very-secret-0123456789" },
  models: { providers: { openai: { models: { "gpt-5.5": { label: "Five" } } } } },
};
const hashOf = async (link: TestLink) => String((await link.call("config.get")).payload["hash"]);
const textOf = (changes: object) => JSON.stringify({ ...config, ...changes });

test("the configuration is read redacted, with its hash", async () => {
  await using gateway = await startTestGateway({ config });
  using link = await gateway.connect();
  const { payload } = await link.call("config.get");
  expect(payload).toMatchObject({ exists: true, raw: null, valid: true, issues: [], warnings: [] });
  expect(payload["path"]).toBe(join(gateway.stateDir, "carapace.json"));
  expect(payload["parsed"]).toMatchObject({ openai: { apiKey: "[REDACTED]" } });
  expect(JSON.stringify(payload)).not.toContain("very-secret");
  expect(payload["hash"]).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ["agents.defaults.maxTokens", 1000],
  ["openai.apiKey", "[REDACTED]"],
  ["openai", { apiKey: "[REDACTED]" }],
  ["nothing.here", null],
])("one key is read: %s", async (key, value) => {
  await using gateway = await startTestGateway({ config });
  using link = await gateway.connect();
  expect((await link.call("config.get", { key })).payload).toEqual({ key, value });
});

test("without a file there is nothing to overwrite, so no hash is needed", async () => {
  await using gateway = await startTestGateway();
  using link = await gateway.connect();
  expect((await link.call("config.get")).payload).toMatchObject({ exists: false, hash: null, valid: true });
  const raw = "{ agents: { defaults: { maxTurns: 5 } } } // kept";
  expect((await link.call("config.set", { raw })).payload).toMatchObject({
    ok: true,
    config: { agents: { defaults: { maxTurns: 5 } } },
  });
  const file = join(gateway.stateDir, "carapace.json");
  expect(await readFile(file, "utf8")).toContain("// kept");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("a write needs the hash of what it overwrites", async () => {
  await using gateway = await startTestGateway({ config });
  using link = await gateway.connect();
  const raw = textOf({});
  for (const method of ["config.set", "config.apply", "config.patch"] as const) {
    expect(await link.call(method, { baseHash: "x" })).toMatchObject({ message: "raw is required" });
    const missing = await link.call(method, { raw });
    expect(missing).toMatchObject({
      code: "invalid_request",
      message: "config base hash required; re-run config.get and retry",
    });
    const stale = await link.call(method, { raw, baseHash: "00" });
    expect(stale.message).toBe("config changed since last load; re-run config.get and retry");
    const baseHash = await hashOf(link);
    expect(await link.call(method, { raw: "[1]", baseHash })).toMatchObject({
      message: `${method} raw must be an object`,
    });
    expect(await link.call(method, { raw: "{", baseHash })).toMatchObject({ code: "invalid_request" });
    const invalid = await link.call(method, { raw: textOf({ gateway: { port: 70000 } }), baseHash });
    expect(invalid).toMatchObject({
      message: "invalid config",
      details: { issues: [{ path: ".gateway.port" }] },
    });
  }
});

test.each([
  [{ gateway: { auth: { token: "mine" } } }, "gateway.auth"],
  [{ openai: { apiKey: "other" } }, "openai.apiKey"],
  [{ anthropic: { baseUrl: "https://evil.example" } }, "anthropic.baseUrl"],
])("a protected key cannot be changed from outside: %j", async (changes, key) => {
  await using gateway = await startTestGateway({ config });
  using link = await gateway.connect();
  const refused = await link.call("config.set", { raw: textOf(changes), baseHash: await hashOf(link) });
  expect(refused).toMatchObject({ ok: false, code: "invalid_request", details: { protected: [key] } });
  expect(refused.message).toBe(
    `Cannot modify protected configuration through WebSocket config methods: ${key}`,
  );
});

test("a patch merges, and null deletes", async () => {
  await using gateway = await startTestGateway({ config });
  using link = await gateway.connect();
  const raw = "{ agents: { defaults: { maxTokens: null, maxTurns: 7 } } }";
  const patched = await link.call("config.patch", { raw, baseHash: await hashOf(link) });
  expect(patched.payload["config"]).toMatchObject({ agents: { defaults: { maxTurns: 7 } } });
  expect((await link.call("config.get", { key: "agents.defaults" })).payload["value"]).toEqual({
    maxTurns: 7,
  });
});

test("apply writes, reloads and reports what waits for a restart", async () => {
  await using gateway = await startTestGateway({ config });
  using link = await gateway.connect();
  const raw = textOf({ agents: { defaults: { maxTokens: 2000 } }, gateway: { port: 4000 } });
  const applied = await link.call("config.apply", { raw, baseHash: await hashOf(link) });
  expect(applied.payload["reload"]).toMatchObject({
    ok: true,
    mode: "hybrid",
    needsRestart: ["gateway.port"],
  });
  expect(Object(applied.payload["reload"]).applied).toContain("agents.defaults.maxTokens");
  expect(await link.event("config.changed")).toMatchObject({ mode: "hybrid" });
});

test("a candidate is validated without being written", async () => {
  await using gateway = await startTestGateway({ config });
  using link = await gateway.connect();
  expect((await link.call("config.validate", { raw: "{ gateway: { port: 4000 } }" })).payload).toMatchObject({
    ok: true,
    valid: true,
    issues: [],
  });
  const warned = await link.call("config.validate", { config: { gatway: {} } });
  expect(Object(warned.payload["warnings"])[0]).toMatchObject({ path: ".gatway" });
  expect(await link.call("config.validate", {})).toMatchObject({ message: "raw or config is required" });
  expect(await link.call("config.validate", { config: 5 })).toMatchObject({
    message: "config.validate value must be an object",
  });
  expect(await link.call("config.validate", { config: { gateway: { port: "x" } } })).toMatchObject({
    message: "invalid config",
  });
});

test("the schema names every known key", async () => {
  await using gateway = await startTestGateway();
  using link = await gateway.connect();
  const { payload } = await link.call("config.schema");
  expect(payload).toMatchObject({ type: "object", additionalProperties: false });
  expect(String(payload["$schema"])).toContain("draft-07");
  expect(Object(payload["knownKeys"])).toContain("gateway");
});

test("a reload takes the new file, and keeps the old one if the new one is wrong", async () => {
  await using gateway = await startTestGateway({ config });
  using link = await gateway.connect();
  const file = join(gateway.stateDir, "carapace.json");
  await writeFile(file, textOf({ agents: { defaults: { model: "offline:basic" } } }));
  expect((await link.call("config.reload")).payload).toMatchObject({ ok: true, mode: "hybrid" });
  await writeFile(file, textOf({ gateway: { port: -1 } }));
  expect(await link.call("config.reload")).toMatchObject({ code: "unavailable" });
  const models = await link.call("agents.list");
  expect(models.payload["agents"]).toMatchObject([{ model: "offline:basic" }]);
});

test("settings that no provider can work with veto a reload", async () => {
  await using gateway = await startTestGateway({ config });
  using link = await gateway.connect();
  await writeFile(
    join(gateway.stateDir, "carapace.json"),
    textOf({ openai: { apiKey: "k", baseUrl: "http://evil.example" } }),
  );
  const refused = await link.call("config.reload");
  expect(refused).toMatchObject({ ok: false, code: "unavailable" });
  expect(String(refused.message)).toContain("openai.baseUrl");
});

test("an unreadable file is shown as invalid, and what is in force stays", async () => {
  await using gateway = await startTestGateway({ config });
  using link = await gateway.connect();
  await writeFile(join(gateway.stateDir, "carapace.json"), "{ broken");
  const { payload } = await link.call("config.get");
  expect(payload).toMatchObject({
    exists: true,
    valid: false,
    hash: null,
    config: { openai: { apiKey: "[REDACTED]" } },
  });
  expect(Object(payload["issues"])).toHaveLength(1);
});
