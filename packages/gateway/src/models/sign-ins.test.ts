import { expect, test } from "bun:test";
import { openAccounts } from "@carapace/accounts";
import { anthropicReply, startVendorServer } from "@carapace/agent/testing";
import { Secret } from "@carapace/config";
import { startTestGateway } from "../testing/index.ts";

const token = `sk-ant-oat01-${"p".repeat(80)}`;
const password = "sign-ins-test-password";
const config = {
  anthropic: { authProfile: "anthropic:default" },
  auth: { profiles: { enabled: true } },
  agents: { defaults: { model: "anthropic:claude-haiku-4-5" } },
};

/** Stores the sign-in where the gateway looks for it. */
async function prepare(stateDir: string) {
  const env = { HOME: stateDir, CARAPACE_STATE_DIR: stateDir, CARAPACE_CONFIG_PASSWORD: password };
  const made = openAccounts({ env, nowMs: Date.now }).setupToken(new Secret(token));
  const stored = made.ok ? await made.value.store() : made;
  if (!stored.ok) throw new Error(stored.say);
}

test("a turn goes out with the stored sign-in, and nobody is told its token", async () => {
  await using vendor = await startVendorServer();
  vendor.reply(anthropicReply({ blocks: [{ type: "text", deltas: ["signed in"] }] }));
  const env = { CARAPACE_CONFIG_PASSWORD: password, ANTHROPIC_BASE_URL: vendor.origin };
  await using gateway = await startTestGateway({ config, env, prepare });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "hi", sessionKey: "s", idempotencyKey: "r1" });
  expect(await link.ended("r1")).toMatchObject({ state: "final", message: { content: "signed in" } });
  expect(vendor.requests[0]?.headers["authorization"]).toBe(`Bearer ${token}`);
  expect(vendor.requests[0]?.headers["x-api-key"]).toBeUndefined();
  expect(JSON.stringify((await link.call("logs.tail", {})).payload)).not.toContain(token);
});

test("a sign-in that is not stored is told with what to do, and the built-in assistant does not step in", async () => {
  await using vendor = await startVendorServer();
  const env = { CARAPACE_CONFIG_PASSWORD: password, ANTHROPIC_BASE_URL: vendor.origin };
  await using gateway = await startTestGateway({ config, env });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "hi", sessionKey: "s", idempotencyKey: "r1" });
  expect(await link.ended("r1")).toMatchObject({
    state: "error",
    errorMessage: expect.stringContaining("cara setup --force"),
  });
  expect(vendor.requests).toHaveLength(0);
});
