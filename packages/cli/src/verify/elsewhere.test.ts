import { describe, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { startTestGateway } from "@carapace/gateway/testing";
import { emptyHome } from "../../testing/cara.ts";
import { startForwarding } from "../../testing/forwarding.ts";
import { lines, prove } from "../../testing/prove.ts";

/** An address of this machine that is not loopback: to the rules of credentials, that is another machine. */
const outward =
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4")?.address ?? "";
const unreachable = outward === "" ? " (skipped: this machine has no such address)" : "";

const hooksToken = "a-hooks-token-of-forty-characters-000000";
const config = { gateway: { control: { enabled: true }, hooks: { enabled: true, token: hooksToken } } };
const safe = { host: outward, tls: false, trust: false, allowPlaintext: false };

describe.skipIf(outward === "")(`another machine${unreachable}`, () => {
  test.each([
    ["local-chat", "Local chat roundtrip", 0],
    ["autonomy", "Task create", 0],
    ["matrix", "Matrix runtime registration", 1],
    ["hooks", "Signed /hooks/wake", 2],
  ] as const)("gets no credential unencrypted: %s", async (outcome, refused, before) => {
    await using running = await startTestGateway({ config });
    await using wire = await startForwarding(running.gateway.port, { hostname: outward });
    using home = emptyHome();
    const env = { CARAPACE_GATEWAY_TOKEN: running.token, CARAPACE_HOOKS_TOKEN: hooksToken };
    const report = await prove({ home, env, remote: safe, outcome, port: wire.port });
    expect(lines(report)).toHaveLength(before + 2);
    expect(report.checks.at(-1)).toMatchObject({ name: refused, status: "FAIL" });
    expect(report.checks.at(-1)?.nextStep).toContain("--tls");
    expect(wire.heard()).toContain("GET /health ");
    expect(wire.heard()).not.toMatch(/authorization|cookie/i);
    for (const secret of [running.token, hooksToken]) expect(wire.heard()).not.toContain(secret);
  });

  test("gets them where the owner says so", async () => {
    await using running = await startTestGateway({ config, replies: ["ready"] });
    await using wire = await startForwarding(running.gateway.port, { hostname: outward });
    using home = emptyHome();
    const env = { CARAPACE_GATEWAY_TOKEN: running.token, CARAPACE_HOOKS_TOKEN: hooksToken };
    const remote = { ...safe, allowPlaintext: true };
    for (const outcome of ["autonomy", "hooks"] as const) {
      const report = await prove({ home, env, remote, outcome, port: wire.port });
      expect(report).toMatchObject({ ok: true, outcome });
    }
  });
});

test("a port that speaks no TLS is not to be asked with --tls", async () => {
  await using running = await startTestGateway({ config });
  using home = emptyHome();
  const remote = { host: "localhost", tls: true, trust: false, allowPlaintext: false };
  const report = await prove({ home, remote, outcome: "local-chat", port: running.gateway.port });
  expect(report.checks).toMatchObject([
    { status: "FAIL", nextStep: expect.stringContaining("leave --tls out") },
  ]);
});
