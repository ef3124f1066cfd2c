import { expect, test } from "bun:test";
import { startTestGateway } from "@carapace/gateway/testing";
import { emptyHome, type Home } from "../../testing/cara.ts";
import { talkingModel } from "../../testing/model.ts";
import { configure, lines, prove } from "../../testing/prove.ts";

const control = { gateway: { control: { enabled: true } } };
const passed = [
  "PASS Gateway reachability",
  "PASS Task create",
  "PASS Task start proof",
  "PASS Task terminal proof",
];

function homeOf(stateDir: string): Home {
  const home = emptyHome();
  Object.assign(home.env, { CARAPACE_STATE_DIR: stateDir });
  return home;
}

test("a real task is followed to its end, in an embedded gateway with its control API on", async () => {
  using home = emptyHome();
  const report = await prove({ home, outcome: "autonomy" });
  expect(lines(report)).toEqual(passed);
  expect(report.checks[3]?.detail).toBe("Done after one attempt.");
});

test("and in one that runs", async () => {
  await using running = await startTestGateway({ config: control, replies: ["ready"] });
  using home = homeOf(running.stateDir);
  const report = await prove({ home, outcome: "autonomy", port: running.gateway.port });
  expect(lines(report)).toEqual(passed);
});

test("a running gateway without its control API says how to switch it on", async () => {
  await using running = await startTestGateway();
  using home = homeOf(running.stateDir);
  const report = await prove({ home, outcome: "autonomy", port: running.gateway.port });
  expect(lines(report)).toEqual(["PASS Gateway reachability", "FAIL Task create"]);
  expect(report.checks[1]?.nextStep).toContain("cara config set gateway.control.enabled true");
});

test("a wrong token is told as such", async () => {
  await using running = await startTestGateway({ config: control });
  using home = emptyHome();
  const env = { CARAPACE_GATEWAY_TOKEN: "not-the-token-of-this-gateway-0000000000" };
  const report = await prove({ home, env, outcome: "autonomy", port: running.gateway.port });
  expect(lines(report)).toEqual(["PASS Gateway reachability", "FAIL Task create"]);
  expect(report.checks[1]?.nextStep).toStartWith("set CARAPACE_GATEWAY_TOKEN");
});

test("a task that fails is begun, and fails the proof with its reason", async () => {
  await using running = await startTestGateway({ config: control, providers: [talkingModel("fail")] });
  using home = homeOf(running.stateDir);
  const report = await prove({ home, outcome: "autonomy", port: running.gateway.port });
  expect(lines(report)).toEqual([...passed.slice(0, 3), "FAIL Task terminal proof"]);
  expect(report.checks[3]?.detail).toContain("The key is not accepted");
  expect(report.checks[3]?.nextStep).toContain("cara verify --outcome local-chat");
});

test("a task that nobody is set up for proves nothing", async () => {
  using home = emptyHome();
  configure(home, { ...control, agents: { defaults: { model: "openai:gpt-test" } } });
  const report = await prove({ home, outcome: "autonomy" });
  expect(report.checks.at(-1)).toMatchObject({ status: "FAIL", name: "Task terminal proof" });
  expect(report.checks.at(-1)?.detail).toContain("OpenAI is not set up");
});

test("a task of which the assistant says that it waits for its owner has run, and says so", async () => {
  const input = { status: "blocked", note: "which notes?", reason: "operator_action_required" };
  const replies = [{ calls: [{ name: "task_update", input }] }, "Over to you."];
  await using running = await startTestGateway({ config: control, replies });
  using home = homeOf(running.stateDir);
  const report = await prove({ home, outcome: "autonomy", port: running.gateway.port });
  expect(lines(report)).toEqual(passed);
  expect(report.checks[3]?.detail).toStartWith("ended as blocked: Waits for you: which notes?");
});

test("being told to stop cancels the task", async () => {
  const model = talkingModel("wait");
  await using running = await startTestGateway({ config: control, providers: [model] });
  using home = homeOf(running.stateDir);
  const stop = new AbortController();
  const { port } = running.gateway;
  const going = prove({ home, outcome: "autonomy", port, signal: stop.signal });
  await model.untilAsked(1);
  stop.abort();
  expect(await going).toMatchObject({ wasStopped: true, ok: false });
  const answer = await fetch(`http://127.0.0.1:${port}/control/tasks`, {
    headers: { authorization: `Bearer ${running.token}` },
  });
  expect(await answer.json()).toMatchObject({ tasks: [{ state: "cancelled" }] });
});

test("the end of a tunnel to a gateway elsewhere is asked with the credential", async () => {
  await using running = await startTestGateway({ config: control, replies: ["ready"] });
  using home = emptyHome();
  const env = { CARAPACE_GATEWAY_TOKEN: running.token };
  const remote = { host: "127.0.0.1", tls: false, trust: false, allowPlaintext: false };
  const report = await prove({ home, env, remote, outcome: "autonomy", port: running.gateway.port });
  expect(lines(report)).toEqual(passed);
});
