import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { isRecord } from "@carapace/protocol";
import { secretVariables } from "../../packages/config/src/guarded-variables.ts";
import type { MadeSecret } from "../../packages/config/src/redaction/testing/secrets.ts";
import { introduce, openClient, type TestClient } from "../../packages/gateway/src/listen/testing/client.ts";
import { openToOthers, searchFor } from "../support/leaks.ts";
import {
  cara,
  createGarden,
  type DrivenGateway,
  type Garden,
  openPlace,
  startDriven,
  writeConfig,
} from "./driven.ts";

const token = "a-token-for-tests-of-forty-characters-00";
const password = "correct-horse-battery-staple-of-the-owner";

/** Every kind of secret where one is sealed: keys of providers, secrets of plugins, variables of the `env` section. */
function configWith(garden: Garden): string {
  const [keys, settings, variables] = ["provider key", "plugin secret", "variable"].map((at) =>
    garden.plant(at),
  );
  const providers = (keys ?? []).map(({ text }, n) => [
    `vendor${n}`,
    { apiKey: text, baseUrl: "http://127.0.0.1:9/v1" },
  ]);
  const plugins = (settings ?? []).map(({ text }, n) => [`plugin${n}`, { token: text }]);
  // The contract lists the variables that are sealed; each can stand in two places. A wrong key of a model, or of the gateway, ends its start.
  const names = secretVariables.filter((name) => !/GATEWAY|_API_KEY|AWS/.test(name));
  const half = (at: number) => names.map((name, n) => [name, variables?.[at + n]?.text ?? ""] as const);
  return JSON.stringify({
    gateway: { auth: { mode: "token", token }, control: { enabled: true } },
    agents: { defaults: { model: "offline:basic" } },
    models: { providers: Object.fromEntries(providers) },
    plugins: Object.fromEntries(plugins),
    env: { vars: Object.fromEntries(half(0)), ...Object.fromEntries(half(names.length)) },
  });
}

async function operator(gateway: DrivenGateway): Promise<TestClient> {
  const client = await openClient(gateway.url);
  const connect = { role: "operator", scopes: ["operator.admin"], auth: { token } };
  const hello = await introduce(client, { connect });
  if (hello["ok"] !== true) throw new Error(JSON.stringify(hello));
  return client;
}

/** Adds secrets through the socket, as a client that sets something up does. */
async function patch(client: TestClient, secrets: readonly MadeSecret[]): Promise<void> {
  const plugins = Object.fromEntries(secrets.map(({ text }, n) => [`added${n}`, { token: text }]));
  const { payload } = await client.request("config.get", {});
  const baseHash = isRecord(payload) ? payload["hash"] : undefined;
  const raw = JSON.stringify({ plugins });
  expect(await client.request("config.patch", { raw, baseHash })).toMatchObject({ ok: true });
}

test("sealed secrets of every kind, also those that come over the socket, stand in no file and in no output", async () => {
  using place = openPlace();
  place.env["CARAPACE_CONFIG_PASSWORD"] = password;
  const garden = createGarden(6);
  writeConfig(place, configWith(garden));
  const sealed = await cara(["config", "seal"], place);
  expect(sealed.code).toBe(0);
  await using gateway = await startDriven(place);
  using owner = await operator(gateway);
  await patch(owner, garden.plant("patch"));
  await owner.request("config.reload", {});
  for (const key of [
    "models",
    "env",
    "plugins",
    "models.providers.vendor0",
    "models.providers.vendor1.apiKey",
  ])
    await owner.request("config.get", { key });
  const calls = ["health", "status", "system.info", "config.get", "config.schema", "models.list"];
  for (const method of calls) await owner.request(method, {});
  await owner.request("logs.tail", { limit: 5000, maxBytes: 1_000_000, level: "trace" });
  await owner.request("audit.tail", { limit: 1000 });
  const remote = ["--port", String(gateway.port)];
  const commands = [
    ["config", "show"],
    ["config", "get", "models"],
    ["config", "get", "plugins", "--effective"],
    ["config", "validate", "--json"],
    ["secrets", "list", "--json"],
    ["secrets", "where", "models.providers.vendor0.apiKey"],
    ["secrets", "get", "models.providers.vendor0.apiKey"],
    ["status", "--json", ...remote],
    ["logs", "-n", "5000", ...remote],
    ["doctor", "--json"],
    ["audit", "export", ...remote],
    ["support", "-o", "report.json", ...remote],
  ];
  const ran = [];
  for (const words of commands) ran.push({ words, ...(await cara(words, place)) });
  const config = readFileSync(place.configFile, "utf8");
  expect(config.split("enc:v2:").length).toBeGreaterThan(3 * 40);
  const printed = await gateway.stop();

  // Of the addresses among them only the password is secret, and they are sealed whole.
  const search = searchFor([...garden.planted, { label: "the password", core: password }]);
  const leaks = [
    ...search.in("frames", JSON.stringify(owner.frames)),
    ...search.in("what the gateway printed", printed),
    ...search.in("cara config seal", sealed.stdout + sealed.stderr),
    ...ran.flatMap(({ words, stdout, stderr }) => search.in(`cara ${words.join(" ")}`, stdout + stderr)),
    ...search.under(place.home, () => false),
  ];
  expect(leaks).toEqual([]);
  expect(openToOthers(place.home)).toEqual([]);
}, 60_000);
