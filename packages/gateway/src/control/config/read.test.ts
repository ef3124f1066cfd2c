import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { lookupKey } from "@carapace/config";
import { isJson, isRecord, type JsonObject } from "@carapace/protocol";
import { type Answer, enabled, startControlled } from "../testing/gateway.ts";

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** What stands at a key of the configuration that was answered. */
function shownAt({ body }: Answer, key: string): unknown {
  const config: unknown = body["config"];
  if (!isRecord(config) || !isJson(config)) throw new Error("no configuration");
  return lookupKey(config as JsonObject, key);
}

test("the configuration comes with every default and the hash of the file's text", async () => {
  const text = "{ gateway: { control: { enabled: true }, reload: { mode: 'off' } } } // mine\n";
  await using gateway = await startControlled(text);
  const answer = await gateway.get("/control/config");
  expect([answer.status, answer.body["ok"], answer.body["hash"]]).toEqual([200, true, hashOf(text)]);
  expect(shownAt(answer, "gateway.port")).toBe(18_789);
  expect(answer.body["issues"]).toBeUndefined();
});

test("no planted secret is in the answer, wherever it stands", async () => {
  const planted = Array.from({ length: 12 }, (_, at) => `planted-${at}-Zx9Qw7Lm2Kp4Rt8`);
  const [a, b, c, d, e, f, g, h, i, j, k, l] = planted;
  const config = {
    gateway: { ...enabled.gateway, hooks: { token: a }, remote: { authToken: b } },
    openai: { apiKey: c },
    telegram: { botToken: d, webhookSecret: e },
    credentials: { anything: f },
    secrets: [g, { x: h }],
    auth: { profiles: { providers: { google: { clientSecret: i } } } },
    env: { vars: { OPENAI_API_KEY: j } },
    mine: { recoveryPhrase: k, accessKeyId: 4711, passwordIsSet: true, maxTokens: 512, token_count: 3 },
    agents: { defaults: { systemPrompt: `say ${c} and \${MY_TOKEN}` } },
  };
  const env = { MY_TOKEN: `${l}` };
  await using gateway = await startControlled(JSON.stringify(config), { env });
  const answer = await gateway.get("/control/config");
  expect(answer.status).toBe(200);
  for (const secret of planted) expect(answer.text).not.toContain(secret);
  expect(shownAt(answer, "openai.apiKey")).toBe("[REDACTED]");
  expect(shownAt(answer, "secrets")).toBe("[REDACTED]");
  expect(shownAt(answer, "mine")).toEqual({
    ...{ recoveryPhrase: "[REDACTED]", accessKeyId: null, passwordIsSet: null },
    ...{ maxTokens: 512, token_count: 3 },
  });
});

test("a file that went bad is told with its hash, and what is in force is shown", async () => {
  await using gateway = await startControlled();
  await gateway.write("{ broken");
  const answer = await gateway.get("/control/config");
  expect(answer.body["hash"]).toBe(hashOf("{ broken"));
  expect(answer.body["issues"]).toHaveLength(1);
  expect(shownAt(answer, "gateway.control.enabled")).toBe(true);
  const wrong = JSON.stringify({ gateway: { ...enabled.gateway, port: 0 } });
  await gateway.write(wrong);
  expect((await gateway.get("/control/config")).body).toMatchObject({
    hash: hashOf(wrong),
    issues: [{ path: ".gateway.port" }],
  });
});

test("without a file there is no hash", async () => {
  await using gateway = await startControlled();
  await Bun.file(gateway.file).delete();
  const { status, body } = await gateway.get("/control/config");
  expect([status, Object.hasOwn(body, "hash")]).toEqual([200, false]);
});
