import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "@carapace/protocol";
import { startGatewayProcess } from "../support/gateway-process.ts";
import { adminOf, healthStatus } from "./connect.ts";

test("no way around the protected keys leads through the config methods", async () => {
  const env = { ANTHROPIC_API_KEY: "sk-ant-of-the-owner-0001", MYSQL_PWD: "hunter2hunter2" };
  await using gateway = await startGatewayProcess({ env });
  writeFileSync(join(gateway.stateDir, "open.json"), '{"auth":{"mode":"none"},"mode":"none"}');
  using client = await adminOf(gateway);
  const { payload } = await client.request("config.get");
  const baseHash = isRecord(payload) ? payload["hash"] : undefined;
  const attempts = [
    '{"gateway":{"auth":{"mode":"none"}}}',
    '{"gateway":{"auth":null}}',
    '{"gateway":{"auth":{"$include":"open.json","mode":null}}}',
    '{"gateway":{"$include":"open.json","auth":null}}',
    '{"__proto__":{"gateway":{"auth":{"mode":"none"}}}}',
    '{"gateway":{"__proto__":{"auth":{"mode":"none"}}}}',
    '{"env":{"CARAPACE_GATEWAY_TOKEN":"mine"}}',
    '{"env":{"vars":{"ANTHROPIC_BASE_URL":"http://127.0.0.1:1"}}}',
    '{"anthropic":{"baseUrl":"http://127.0.0.1:1"}}',
    `{"openai":{"apiKey":"$\{PATH}"}}`,
    '{"models":{"providers":{"evil":{"baseUrl":"http://127.0.0.1:1"}}}}',
    `{"models":{"providers":{"evil":{"apiKey":"$\{PATH}"}}}}`,
    `{"zzz":"$\{ANTHROPIC_API_KEY}|$\{MYSQL_PWD}"}`,
    `{"agents":{"defaults":{"timezone":"x$\{ANTHROPIC_API_KEY}"}}}`,
    `{"env":{"HARMLESS":"$\{ANTHROPIC_API_KEY}"}}`,
    '{"x":{"$include":"/etc/passwd"}}',
    '{"x":{"$include":"/no/such/file"}}',
    '{"x":{"$include":"../../etc/hostname"}}',
  ];
  for (const raw of attempts) {
    const answer = await client.request("config.patch", { raw, baseHash });
    expect(answer).toMatchObject({ ok: false });
    const validated = await client.request("config.validate", { raw });
    expect(JSON.stringify([answer, validated])).not.toMatch(/of-the-owner|hunter2|root:/);
  }
  expect(await client.request("config.get")).toMatchObject({ payload: { hash: baseHash } });
  expect(await healthStatus(gateway)).toBe(200);
});
