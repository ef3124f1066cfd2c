import { describe, expect, test } from "bun:test";
import { startVendorServer } from "@carapace/agent/testing";
import { startTestGateway } from "@carapace/gateway/testing";
import { emptyHome } from "../../testing/cara.ts";
import { configure, lines, prove } from "../../testing/prove.ts";

const token = "a-hooks-token-of-forty-characters-000000";
const on = (more: Record<string, unknown> = {}) => ({ gateway: { hooks: { enabled: true, ...more } } });

test("a real wake reaches an embedded gateway, with the token of the configuration", async () => {
  using home = emptyHome();
  configure(home, on({ token }));
  const report = await prove({ home });
  expect(report).toMatchObject({ ok: true, outcome: "hooks" });
  expect(lines(report)).toEqual([
    "PASS Gateway reachability",
    "PASS Hooks enabled",
    "PASS Hooks token",
    "PASS Signed /hooks/wake",
  ]);
  expect(report.checks[2]?.detail).toBe("set by gateway.hooks.token");
  expect(JSON.stringify(report)).not.toContain(token);
});

test("the wake is the gateway's to hear: it stands among its calls", async () => {
  await using running = await startTestGateway({ config: on({ token, path: "/my/hooks/" }) });
  using home = emptyHome();
  Object.assign(home.env, { CARAPACE_STATE_DIR: running.stateDir });
  const report = await prove({ home, outcome: "hooks", port: running.gateway.port });
  expect(report.checks.at(-1)?.detail).toBe("POST /my/hooks/wake was answered 200");
  using link = await running.connect();
  const log = await link.call("hooks.log", {});
  expect(JSON.stringify(log.payload)).toContain("wake");
});

test("a turn that the wake began does not keep the command: the next gateway goes on with it", async () => {
  await using vendor = await startVendorServer();
  vendor.otherwise(() => ({ kind: "silence" }));
  using home = emptyHome();
  configure(home, { ...on({ token }), agents: { defaults: { model: "openai:gpt-test" } } });
  const env = { OPENAI_API_KEY: "sk-test-0123456789", OPENAI_BASE_URL: vendor.origin };
  const startedMs = performance.now();
  expect(await prove({ home, env })).toMatchObject({ ok: true, outcome: "hooks" });
  expect(performance.now() - startedMs).toBeLessThan(15_000);
  expect(vendor.requests.length).toBeGreaterThan(0);
});

describe("each failure ends it with its own advice", () => {
  test("switched off", async () => {
    using home = emptyHome();
    const report = await prove({ home, outcome: "hooks" });
    expect(lines(report)).toEqual(["PASS Gateway reachability", "FAIL Hooks enabled"]);
    expect(report.checks[1]?.nextStep).toContain("cara config set gateway.hooks.enabled true");
  });

  test("no token", async () => {
    using home = emptyHome();
    configure(home, on());
    const report = await prove({ home });
    expect(lines(report).at(-1)).toBe("FAIL Hooks token");
    expect(report.checks.at(-1)?.nextStep).toContain("cara secrets set gateway.hooks.token");
  });

  test("another token than the running gateway's", async () => {
    await using running = await startTestGateway({ config: on({ token }) });
    using home = emptyHome();
    configure(home, on({ token }));
    const env = { CARAPACE_HOOKS_TOKEN: "some-other-token-000000000000000000000000" };
    const report = await prove({ home, env, port: running.gateway.port });
    expect(report.checks[2]?.detail).toBe(
      "set by CARAPACE_HOOKS_TOKEN; gateway.hooks.token is another one, and the gateway goes by that",
    );
    expect(report.checks[3]?.detail).toBe("POST /hooks/wake was answered 401");
    expect(report.checks[3]?.nextStep).toStartWith("the token is not the running gateway's");
  });

  test("a running gateway that has hooks switched off", async () => {
    await using running = await startTestGateway();
    using home = emptyHome();
    configure(home, on({ token }));
    const report = await prove({ home, port: running.gateway.port });
    expect(report.checks[3]?.detail).toBe("POST /hooks/wake was answered 404");
    expect(report.checks[3]?.nextStep).toStartWith("the running gateway does not serve hooks there");
  });
});

describe("a gateway elsewhere", () => {
  const remote = { host: "localhost", tls: false, trust: false, allowPlaintext: false };

  test("is called with the token of the environment alone", async () => {
    await using running = await startTestGateway({ config: on({ token }) });
    using home = emptyHome();
    configure(home, on({ token: "this-machines-own-token-0000000000000000" }));
    const ask = { home, remote, outcome: "hooks", port: running.gateway.port } as const;
    const without = await prove(ask);
    expect(lines(without)).toEqual(["PASS Gateway reachability", "SKIP Hooks enabled", "FAIL Hooks token"]);
    expect(without.checks[2]?.nextStep).toContain("set CARAPACE_HOOKS_TOKEN here");
    const given = await prove({ ...ask, env: { CARAPACE_HOOKS_TOKEN: token } });
    expect(given.ok).toBe(true);
    expect(lines(given).at(-1)).toBe("PASS Signed /hooks/wake");
  });
});
