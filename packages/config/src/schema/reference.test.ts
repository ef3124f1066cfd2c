import { expect, test } from "bun:test";
import { loadConfig } from "../load-config.ts";
import { configJsonSchema, configReference } from "../reference.ts";
import { shownConfig } from "../shown.ts";
import { testFolder } from "../testing/folder.ts";

test("every key has a description, and stands there once", async () => {
  const rows = await configReference();
  expect(rows.filter((row) => row.description === "")).toEqual([]);
  expect(new Set(rows.map((row) => row.path)).size).toBe(rows.length);
  expect(rows.find((row) => row.path === "gateway.port")).toEqual({
    path: "gateway.port",
    type: "whole number",
    default: 18789,
    description: "TCP port for HTTP and WebSocket.",
    effect: "restart",
    secret: false,
    guarded: false,
  });
});

test("every secret is guarded, and so is where it is sent", async () => {
  const rows = await configReference();
  const guarded = rows.filter((row) => row.guarded).map((row) => row.path);
  expect(rows.filter((row) => row.secret && !row.guarded)).toEqual([]);
  expect(rows.filter((row) => /baseUrl$/i.test(row.path) && !row.guarded)).toEqual([]);
  expect(guarded).toContain("models.providers.<name>.apiKey");
  expect(guarded.filter((path) => /^(gateway|credentials|secrets|plugins)/.test(path)).sort()).toEqual([
    "credentials",
    "gateway.auth",
    "gateway.auth.password",
    "gateway.auth.token",
    "gateway.controlUi.allowInsecureAuth",
    "gateway.controlUi.dangerouslyDisableDeviceAuth",
    "gateway.controlUi.path",
    "gateway.hooks.allowUnsafeExternalContent",
    "gateway.hooks.gmail.allowUnsafeExternalContent",
    "gateway.hooks.mappings[].allowUnsafeExternalContent",
    "gateway.hooks.mappings[].auth.secret",
    "gateway.hooks.token",
    "gateway.hooks.transformsDir",
    "gateway.remote.authToken",
    "plugins.signature",
    "secrets",
  ]);
});

test("the JSON Schema knows every section and nothing of our own notes", async () => {
  const schema = await configJsonSchema();
  expect(schema).toMatchObject({
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    additionalProperties: false,
    properties: { gateway: { properties: { port: { type: "integer", default: 18789, maximum: 65535 } } } },
  });
  expect(schema["knownKeys"]).toContain("gateway");
  expect(JSON.stringify(schema)).not.toMatch(/"(wrong|fallback|expected)":/);
});

test("the shown configuration has defaults, unknown keys and no secret", async () => {
  using folder = testFolder({
    "carapace.json5": "{gateway: {auth: {token: 'hunter2'}}, mine: {apiKey: 'hunter2', x: 1}, routes: {}}",
  });
  const loaded = await loadConfig({ env: folder.env });
  if (!loaded.ok) throw new Error(loaded.say);
  const shown = shownConfig(loaded.value, "show");
  expect(shown).toMatchObject({
    gateway: { port: 18789, auth: { token: "[REDACTED]" } },
    mine: { apiKey: "[REDACTED]", x: 1 },
  });
  expect(JSON.stringify(shown)).not.toContain("hunter2");
  expect(JSON.stringify(loaded.value.config)).not.toContain("hunter2");
});
