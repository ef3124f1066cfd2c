import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "@carapace/protocol";
import { startGatewayProcess } from "../support/gateway-process.ts";
import { adminOf, healthStatus } from "./connect.ts";

test("no way around the protected keys leads through the config methods", async () => {
  await using gateway = await startGatewayProcess();
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
  ];
  for (const raw of attempts)
    expect(await client.request("config.patch", { raw, baseHash })).toMatchObject({ ok: false });
  expect(await client.request("config.get")).toMatchObject({ payload: { hash: baseHash } });
  expect(await healthStatus(gateway)).toBe(200);
});
