import { expect, test } from "bun:test";
import { isRecord } from "@carapace/protocol";
import { startTestGateway, type TestGateway } from "../testing/index.ts";
import { taskCaller, until } from "./testing/call.ts";

const config = { gateway: { control: { enabled: true } } };

async function call({ gateway, token }: TestGateway, path: string, body?: unknown) {
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/control/tasks${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { Authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json: unknown = await answer.json();
  const task = isRecord(json) ? json["task"] : undefined;
  return isRecord(task) ? task : {};
}

const create = (gateway: TestGateway, more = {}) =>
  call(gateway, "", { payload: { kind: "agentTurn", message: "sort it" }, ...more });

/** The task, once its run has ended and it has left `running`. */
async function after(gateway: TestGateway, id: unknown, attempt = 1) {
  using link = await gateway.connect();
  const { payload } = await link.call("agent.wait", { runId: `task:${id}:${attempt}`, timeoutMs: 10_000 });
  expect(payload["status"]).toBe("ok");
  for (;;) {
    const task = await call(gateway, `/${id}`);
    if (task["state"] !== "running") return task;
    await Bun.sleep(5);
  }
}

const update = (input: Record<string, string | number>) => ({ calls: [{ name: "task_update", input }] });

test("a task goes on over several runs until the assistant says that it is done", async () => {
  const offered: string[][] = [];
  const results: unknown[] = [];
  await using gateway = await startTestGateway({
    config,
    replies: [
      (request) => {
        offered.push(request.tools.map(({ name }) => name));
        return update({ status: "continue", afterSeconds: 1, note: "half of it is sorted" });
      },
      "More later.",
      update({ status: "read" }),
      (request) => {
        results.push(request.messages.at(-1)?.blocks.at(-1));
        return update({ status: "done", note: "all of it is sorted" });
      },
      "That was it.",
    ],
  });
  const { id } = await create(gateway);
  const waiting = await after(gateway, id);
  expect(waiting).toMatchObject({ state: "retry_wait", lastError: "half of it is sorted", attempts: 1 });
  expect(waiting["checkpoint"]).toMatchObject({ text: "half of it is sorted" });
  while ((await call(gateway, `/${id}`))["attempts"] !== 2) await Bun.sleep(20);
  const done = await after(gateway, id, 2);
  expect(done).toMatchObject({ state: "done", summary: "all of it is sorted", attempts: 2 });
  expect(done["status"]).toBe("Done: all of it is sorted");
  expect(offered[0]).toContain("task_update");
  expect(JSON.stringify(results[0])).toContain("half of it is sorted");
});

test("a blocked task says what it needs", async () => {
  await using gateway = await startTestGateway({
    config,
    replies: [
      update({ status: "blocked", reason: "approval_required", note: "May I delete a.txt?" }),
      "Waiting.",
    ],
  });
  const { id } = await create(gateway);
  expect(await after(gateway, id)).toMatchObject({
    ...{ state: "blocked", blockedReason: "approval_required", lastError: "May I delete a.txt?" },
  });
});

test("the tool is not offered to a conversation, even if its run is called like a task's", async () => {
  const offered: string[][] = [];
  await using gateway = await startTestGateway({
    config,
    replies: [
      (request) => {
        offered.push(request.tools.map(({ name }) => name));
        return "hello";
      },
    ],
  });
  const { id } = await create(gateway, { nextRunAtMs: Date.now() + 86_400_000 });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "hi", sessionKey: "s", idempotencyKey: `task:${id}:1` });
  await link.ended(`task:${id}:1`);
  expect(offered).toHaveLength(1);
  expect(offered[0]).not.toContain("task_update");
});

test("a run that used up its turns goes on in another one", async () => {
  await using gateway = await startTestGateway({
    config,
    replies: [{ calls: [{ name: "current_time" }] }, "I am not done."],
  });
  const { id } = await create(gateway, { policy: { maxTurns: 1 } });
  const task = await after(gateway, id);
  expect(task["state"]).toBe("retry_wait");
  expect(String(task["lastError"])).toContain("policy.maxTurns is 1");
});

test("a reply that cannot be delivered blocks its task, and says so", async () => {
  await using gateway = await startTestGateway({ config, replies: ["Sunny."] });
  const payload = { kind: "agentTurn", message: "weather?", deliver: true, channel: "nowhere", to: "4711" };
  const { id } = await create(gateway, { payload });
  expect(await after(gateway, id)).toMatchObject({ state: "blocked", blockedReason: "delivery_failure" });
});

test("a run that uses up its task's tokens is stopped between two of its steps", async () => {
  const usage = { inputTokens: 90, outputTokens: 10 };
  let asked = 0;
  await using gateway = await startTestGateway({
    config,
    replies: [
      () => {
        asked += 1;
        return { calls: [{ name: "math_eval", input: { expression: `${asked} + 1` } }], usage };
      },
    ],
  });
  const { id } = await create(gateway, { policy: { maxTokens: 250 } });
  const failed = await until(taskCaller(gateway), id, "failed");
  expect(String(failed["lastError"])).toContain("of the 250 it may use (policy.maxTokens)");
  expect(asked).toBeLessThan(6);
  expect(failed["usage"]).toMatchObject({ tokens: asked * 100 });
});

test("a task cannot put itself off beyond the time it may take: nobody would hear of it", async () => {
  const results: unknown[] = [];
  await using gateway = await startTestGateway({
    config,
    replies: [
      update({ status: "continue", at: "9999-01-01T00:00:00Z", note: "later" }),
      (request) => {
        results.push(request.messages.at(-1)?.blocks.at(-1));
        return "Well.";
      },
    ],
  });
  const { id } = await create(gateway);
  expect(await after(gateway, id)).toMatchObject({ state: "done" });
  expect(JSON.stringify(results[0])).toContain("policy.maxTotalRuntimeMs");
});
