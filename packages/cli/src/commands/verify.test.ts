import { expect, test } from "bun:test";
import { openaiError, startVendorServer } from "@carapace/agent/testing";
import { startTestGateway } from "@carapace/gateway/testing";
import { emptyHome, type Home, launcher, runCara } from "../../testing/cara.ts";
import { startForwarding } from "../../testing/forwarding.ts";
import { talkingModel } from "../../testing/model.ts";
import { freePort } from "../../testing/port.ts";
import { configure, lines, prove } from "../../testing/prove.ts";
import { openScreen } from "../../testing/terminal.ts";

const chat = ["verify", "--outcome", "local-chat"];

/** A home that shares the state directory of a gateway, and so its token. */
function homeOf(stateDir: string): Home {
  const home = emptyHome();
  Object.assign(home.env, { CARAPACE_STATE_DIR: stateDir });
  return home;
}

test("on a fresh machine one command proves a chat, within 3 s, and leaves nothing running", async () => {
  using home = emptyHome();
  const port = await freePort();
  const startedMs = performance.now();
  const ran = await runCara([...chat, "-p", String(port)], { home });
  expect(performance.now() - startedMs).toBeLessThan(3000);
  expect(ran.code).toBe(0);
  expect(ran.stdout.split("\n")).toEqual([
    "Outcome: local-chat",
    `Gateway port: ${port}`,
    `[PASS] Gateway reachability: a gateway started inside this command answers at 127.0.0.1:${port}`,
    expect.stringMatching(/^\[PASS\] Local chat roundtrip: offline:basic replied .*no language model/),
    "",
    "local-chat works.",
    "",
  ]);
  expect(ran.stderr).toContain("There is no configuration file: the defaults are verified.");
  expect(await fetch(`http://127.0.0.1:${port}/health`).catch(() => "gone")).toBe("gone");
});

test("--json prints one object and nothing else on stdout", async () => {
  using home = emptyHome();
  const ran = await runCara(["verify", "--json", "-p", "0"], { home });
  expect(ran.code).toBe(0);
  const report = JSON.parse(ran.stdout);
  expect(Object.keys(report)).toEqual(["checks", "ok", "outcome", "port", "target"]);
  expect(report).toMatchObject({ ok: true, outcome: "local-chat", target: `127.0.0.1:${report.port}` });
  expect(report.checks).toHaveLength(2);
  const failing = await runCara(["verify", "--json", "--outcome", "telegram"], { home });
  expect(failing.code).toBe(1);
  expect(JSON.parse(failing.stdout)).toMatchObject({
    ok: false,
    checks: [{ name: "Telegram credentials", status: "FAIL", nextStep: expect.any(String) }],
  });
});

test("a wrong outcome is wrong usage", async () => {
  using home = emptyHome();
  expect(await runCara(["verify", "--outcome", "email"], { home })).toMatchObject({ code: 2, stdout: "" });
});

test("the gateway that runs is used", async () => {
  await using running = await startTestGateway({ replies: ["ready"] });
  using home = homeOf(running.stateDir);
  const ran = await runCara([...chat, "-p", String(running.gateway.port)], { home });
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain(`a gateway answers at 127.0.0.1:${running.gateway.port}\n`);
  expect(ran.stderr).not.toContain("starting one");
});

test("a gateway on another port that holds the state directory is named, not disturbed", async () => {
  await using running = await startTestGateway({ replies: ["ready"] });
  using home = homeOf(running.stateDir);
  const report = await prove({ home, port: await freePort() });
  expect(lines(report)).toEqual(["FAIL Gateway reachability"]);
  expect(report.checks[0]?.detail).toContain(`pid ${process.pid}`);
  expect(report.checks[0]?.nextStep).toContain("on its own port (--port)");
}, 10_000);

test("a port that another program holds gets no credential", async () => {
  const asked: (string | null)[] = [];
  await using stranger = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      asked.push(request.headers.get("authorization"));
      return new Response("hello");
    },
  });
  using home = emptyHome();
  const report = await prove({ home, port: stranger.port ?? 0 });
  expect(lines(report)).toEqual(["FAIL Gateway reachability"]);
  expect(report.checks[0]?.detail).toContain(`another program uses port ${stranger.port} (answered 200)`);
  expect(report.checks[0]?.nextStep).toStartWith("end that program, or give the gateway another port");
  expect(asked).toEqual([null]);
});

test("a token that is not the gateway's is told, and does not appear", async () => {
  await using running = await startTestGateway();
  using home = emptyHome();
  const token = "not-the-token-of-this-gateway-0000000000";
  const report = await prove({
    home,
    env: { CARAPACE_GATEWAY_TOKEN: token },
    port: running.gateway.port,
  });
  expect(lines(report)).toEqual(["PASS Gateway reachability", "FAIL Local chat roundtrip"]);
  expect(report.checks[1]?.nextStep).toContain("set CARAPACE_GATEWAY_TOKEN");
  expect(JSON.stringify(report)).not.toContain(token);
});

test("a gateway of another state directory is told from a wrong token", async () => {
  await using running = await startTestGateway();
  using home = emptyHome();
  // This machine's own token is made by its first gateway.
  expect(await prove({ home })).toMatchObject({ ok: true });
  const report = await prove({ home, port: running.gateway.port });
  expect(report.checks[1]?.detail).toContain(`does not belong to ${home.stateDir}`);
});

test("a gateway that answers but cannot work says why", async () => {
  await using vendor = await startVendorServer();
  vendor.otherwise(() => openaiError(401, { message: "no", code: "invalid_api_key" }));
  const config = { agents: { defaults: { model: "openai:gpt-test" } } };
  const env = { OPENAI_API_KEY: "sk-test-0123456789", OPENAI_BASE_URL: vendor.origin };
  await using running = await startTestGateway({ config, env });
  using home = homeOf(running.stateDir);
  const ask = { home, outcome: "local-chat", port: running.gateway.port } as const;
  expect((await prove(ask)).checks[0]?.detail).not.toContain("not ready");
  const again = await prove(ask);
  expect(again.checks[0]).toMatchObject({ status: "PASS" });
  expect(again.checks[0]?.detail).toMatch(/, but says that it is not ready: .*model/);
  expect(again.checks[1]?.status).toBe("FAIL");
});

test("a gateway that wants this device approved says which request", async () => {
  await using running = await startTestGateway();
  await using remote = await startForwarding(running.gateway.port, {
    header: "X-Forwarded-For: 192.0.2.7\r\n",
  });
  using home = emptyHome();
  const env = { CARAPACE_GATEWAY_TOKEN: running.token };
  const report = await prove({ home, env, port: remote.port });
  expect(lines(report)).toEqual(["PASS Gateway reachability", "FAIL Local chat roundtrip"]);
  expect(report.checks[1]?.detail).toMatch(
    /^this device is not paired with the gateway yet \(request [\w-]+\)$/,
  );
  expect(report.checks[1]?.nextStep).toMatch(/cara devices approve [\w-]+; then run cara verify again/);
});

test("who is sent to the log of a gateway that ended with the run is told how to get one", async () => {
  await using vendor = await startVendorServer();
  vendor.otherwise(() => openaiError(400, { message: "nonsense" }));
  const config = {
    agents: { defaults: { model: "openai:gpt-5" } },
    openai: { apiKey: "sk-test", baseUrl: vendor.origin },
  };
  using home = emptyHome();
  configure(home, config);
  const { checks } = await prove({ home });
  expect(checks.at(-1)?.nextStep).toContain("run cara start in another terminal");
  await using running = await startTestGateway({ config });
  using owner = homeOf(running.stateDir);
  const there = await prove({ home: owner, port: running.gateway.port });
  expect(there.checks.at(-1)?.nextStep).toMatch(/cara logs(?!.*another terminal)/);
});

test("a gateway under another address is talked to, but never started", async () => {
  await using running = await startTestGateway({ replies: ["ready"] });
  await using second = await startForwarding(running.gateway.port, { hostname: "127.0.0.2" });
  using home = emptyHome();
  // What is wrong with this machine's configuration is none of its business.
  configure(home, "{ broken");
  const remote = { host: "127.0.0.2", tls: false, trust: false, allowPlaintext: false };
  const env = { CARAPACE_GATEWAY_TOKEN: running.token };
  const stranger = await prove({ home, env, remote, port: second.port });
  const requestId = /request ([\w-]+)/.exec(stranger.checks[1]?.detail ?? "")?.[1];
  using link = await running.connect();
  expect(await link.call("device.pair.approve", { requestId })).toMatchObject({ ok: true });
  const report = await prove({ home, env, remote, port: second.port });
  expect(report).toMatchObject({ ok: true, outcome: "local-chat" });
  expect(report.checks[0]?.detail).toBe(`a gateway answers at 127.0.0.2:${second.port}`);
  const nobody = await prove({ home, env, remote, port: await freePort() });
  expect(lines(nobody)).toEqual(["FAIL Gateway reachability"]);
  expect(nobody.checks[0]?.detail).toContain("connection refused");
  expect(nobody.checks[0]?.nextStep).toStartWith("start the gateway there");
});

test("a host that is none is told, and what lies on another machine is said to lie there", async () => {
  using home = emptyHome();
  const env = {
    CARAPACE_GATEWAY_TOKEN: "a-token-of-forty-characters-0000000000000",
    TELEGRAM_BOT_TOKEN: "1:a",
  };
  const remote = { host: "--", tls: false, trust: false, allowPlaintext: false };
  const wrong = await prove({ home, env, remote, port: 1 });
  expect(wrong.checks).toMatchObject([{ name: "Gateway reachability", status: "FAIL" }]);
  const bot = await prove({ home, env, remote: { ...remote, host: "box.invalid" }, outcome: "telegram" });
  expect(lines(bot)).toEqual(["SKIP Telegram credentials"]);
  expect(bot).toMatchObject({ ok: false, checks: [{ nextStep: expect.stringContaining("run it there") }] });
});

test("Ctrl-C stops the run at the gateway and ends with 130", async () => {
  const model = talkingModel("wait");
  await using running = await startTestGateway({ providers: [model] });
  using home = homeOf(running.stateDir);
  using link = await running.connect();
  const child = Bun.spawn([launcher, ...chat, "-p", String(running.gateway.port)], {
    ...{ env: home.env, stdout: "pipe", stderr: "pipe" },
  });
  await model.untilAsked(1);
  const { runId } = await link.event("agent", ({ stream }) => stream === "started");
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  expect(await child.stdout.text()).toEndWith("Stopped before all of local-chat was checked.\n");
  expect(await link.ended(String(runId))).toMatchObject({ state: "aborted" });
});

test("Ctrl-C ends an embedded gateway at once, whatever its model does", async () => {
  await using vendor = await startVendorServer();
  vendor.otherwise(() => ({ kind: "silence" }));
  using home = emptyHome();
  configure(home, { agents: { defaults: { model: "openai:gpt-test" } } });
  const env = { ...home.env, OPENAI_API_KEY: "sk-test-0123456789", OPENAI_BASE_URL: vendor.origin };
  const child = Bun.spawn([launcher, ...chat, "-p", "0"], { env, stdout: "pipe", stderr: "pipe" });
  await vendor.received(1);
  const startedMs = performance.now();
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  expect(performance.now() - startedMs).toBeLessThan(5000);
});

test("what is stopped before it begins does nothing", async () => {
  using home = emptyHome();
  const report = await prove({ home, signal: AbortSignal.abort() });
  expect(report).toMatchObject({ wasStopped: true, ok: false, checks: [] });
});

test("on a terminal a sign of life appears after a second, and goes with Ctrl-C", async () => {
  const model = talkingModel("wait");
  await using running = await startTestGateway({ providers: [model] });
  using home = homeOf(running.stateDir);
  await using screen = openScreen([...chat, "-p", String(running.gateway.port)], home.env);
  await screen.until("[PASS] Gateway reachability");
  await screen.until("(Ctrl-C stops)");
  screen.type("\u0003");
  await screen.until("Stopped before all of local-chat was checked.");
  expect(await screen.exited).toBe(130);
});
