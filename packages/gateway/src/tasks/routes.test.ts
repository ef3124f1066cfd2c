import { describe, expect, test } from "bun:test";
import { isRecord } from "@carapace/protocol";
import { StateError } from "@carapace/state";
import { temporaryState } from "@carapace/state/testing";
import type { Visit } from "../http/route.ts";
import { startTestGateway, type TestGatewayOptions } from "../testing/index.ts";
import { taskRoutes } from "./routes.ts";
import { taskCaller, until } from "./testing/call.ts";

const config = { gateway: { control: { enabled: true } } };
const payload = { kind: "agentTurn", message: "do it" };

/** Far enough that it does not run in a test. */
const later = { payload, nextRunAtMs: Date.now() + 86_400_000 };

async function open(options: TestGatewayOptions = {}) {
  return await startTestGateway({ config, ...options });
}

test("a task is made, listed, shown, changed, cancelled and sent on its way again", async () => {
  await using gateway = await open({ replies: ["done"] });
  const call = taskCaller(gateway);
  const made = await call("POST", "", later);
  expect(made.status).toBe(201);
  expect(made.task).toMatchObject({
    ...{ state: "queued", attempts: 0, lastError: null, nextRunAtMs: later.nextRunAtMs, payload },
    policy: { maxAttempts: 100, maxTotalRuntimeMs: 604_800_000, maxTurns: 25, maxRunTimeoutSeconds: 600 },
    policyExplicit: true,
  });
  expect(made.task).not.toHaveProperty("runIds");
  expect(made.task).not.toHaveProperty("blockedReason");
  const id = `/${made.task["id"]}`;
  expect((await call("GET", "")).body).toMatchObject({ ok: true, total: 1, tasks: [{ state: "queued" }] });
  expect((await call("GET", id)).task).toMatchObject({ state: "queued" });
  const changed = await call("PATCH", id, { policy: { maxTurns: 3 }, reason: " slower " });
  expect(changed).toMatchObject({ status: 200, task: { lastError: "slower", policy: { maxTurns: 3 } } });
  expect(await call("POST", `${id}/cancel`, "")).toMatchObject({ status: 200, task: { state: "cancelled" } });
  const retried = await call("POST", `${id}/retry`, { delayMs: 9_000_000 });
  expect(retried).toMatchObject({
    status: 200,
    task: { state: "retry_wait", lastError: "retried by operator" },
  });
  using link = await gateway.connect();
  const { payload: log } = await link.call("audit.tail", { event: "task_mutated" });
  const told = Array.isArray(log["records"]) ? log["records"] : [];
  expect(told.map((record: unknown) => isRecord(record) && record["data"])).toMatchObject(
    (["create", "patch", "cancel", "retry"] as const).map((action) => ({
      ...{ task_id: made.task["id"], action, actor: "127.0.0.1" },
    })),
  );
});

describe("what is refused", () => {
  test("with its status and a sentence, and nothing is changed", async () => {
    await using gateway = await open();
    const call = taskCaller(gateway);
    const { task } = await call("POST", "", later);
    const id = `/${task["id"]}`;
    const cases: ["GET" | "POST" | "PATCH", string, unknown, number, string][] = [
      ["POST", "", "no json", 400, "Invalid JSON"],
      ["POST", "", {}, 400, "payload"],
      ["POST", "", { payload: { kind: "what" } }, 400, "invalid payload: kind"],
      ["POST", "", { payload: { kind: "agentTurn", message: " " } }, 400, "message is required"],
      ["POST", "", { payload: { ...payload, model: "a:b", route: "r" } }, 400, "exclude"],
      ["POST", "", { payload: { ...payload, deliver: true } }, 400, "channel and to"],
      ["POST", "", { payload: { ...payload, timeoutSeconds: 601 } }, 400, "maxRunTimeoutSeconds"],
      ["POST", "", { payload: { kind: "systemEvent", text: "x".repeat(8193) } }, 400, "8192"],
      ["POST", "", { payload, policy: { maxAttempts: 0 } }, 400, "policy.maxAttempts"],
      [
        "POST",
        "",
        { payload, policy: { maxTotalRuntimeMs: 2_592_000_001 } },
        400,
        "policy.maxTotalRuntimeMs",
      ],
      ["POST", "", { payload, policy: { maxTurns: 1001 } }, 400, "policy.maxTurns"],
      ["POST", "", { payload, policy: { maxRunTimeoutSeconds: 86_401 } }, 400, "policy.maxRunTimeoutSeconds"],
      ["POST", "", { payload, nextRunAtMs: -1 }, 400, "nextRunAtMs"],
      ["POST", "", "[".repeat(100), 400, "nested"],
      ["POST", "", JSON.stringify({ payload: { ...payload, message: "x".repeat(131_072) } }), 413, ""],
      ["GET", "?state=waiting", undefined, 400, "no state"],
      ["GET", "?limit=abc", undefined, 400, "limit"],
      ["GET", "?cursor=abc", undefined, 400, "cursor"],
      ["GET", "/nobody", undefined, 404, "not found"],
      ["PATCH", id, {}, 400, "nothing to change"],
      ["PATCH", id, { payload: { kind: "what" } }, 400, "invalid payload"],
      ["PATCH", id, { reason: "x".repeat(1025) }, 400, "1024"],
      ["PATCH", "/nobody", { reason: "x" }, 404, "no task"],
      ["POST", `${id}/resume`, undefined, 409, "is queued and cannot be resumed"],
      ["POST", `${id}/retry`, {}, 409, "is queued and cannot be retried"],
      ["POST", `${id}/cancel`, "{", 400, "Invalid JSON"],
      ["POST", "/nobody/cancel", undefined, 404, "no task"],
      ["POST", `${id}/retry`, { delayMs: -5 }, 400, "delayMs"],
    ];
    for (const [method, path, body, status, say] of cases) {
      const answer = await call(method, path, body);
      expect([method, path, answer.status]).toEqual([method, path, status]);
      if (status !== 413) expect(String(answer.body["error"]).toLowerCase()).toContain(say.toLowerCase());
    }
    expect(await call("GET", "")).toMatchObject({
      body: { total: 1, tasks: [{ state: "queued", lastError: null }] },
    });
  });

  test("without the credential, and where the control API is off", async () => {
    await using gateway = await open();
    const url = `http://127.0.0.1:${gateway.gateway.port}/control/tasks`;
    const answer = await fetch(url, { method: "POST", body: JSON.stringify({ payload }) });
    expect([answer.status, await answer.json()]).toEqual([401, { ok: false, error: "Unauthorized" }]);
    await using off = await startTestGateway();
    expect((await taskCaller(off)("GET", "")).status).toBe(404);
  });
});

test("the states a list is asked for may be written in several ways, in any case", async () => {
  await using gateway = await open();
  const call = taskCaller(gateway);
  const { task } = await call("POST", "", later);
  await call("POST", `/${task["id"]}/cancel`);
  for (const name of ["cancelled", "canceled", "CANCELLED"])
    expect((await call("GET", `?state=${name}`)).body["total"]).toBe(1);
  for (const name of ["retry_wait", "retry-wait", "RetryWait"])
    expect(await call("GET", `?state=${name}`)).toMatchObject({ status: 200, body: { total: 0 } });
});

test("pages are followed by their cursor until all was seen", async () => {
  await using gateway = await open();
  const call = taskCaller(gateway);
  const ids = new Set<unknown>();
  for (let n = 0; n < 5; n += 1) ids.add((await call("POST", "", later)).task["id"]);
  const seen: unknown[] = [];
  for (let query = "?limit=2"; query !== ""; ) {
    const { body } = await call("GET", query);
    expect(body["total"]).toBe(5);
    for (const task of Array.isArray(body["tasks"]) ? body["tasks"] : [])
      seen.push(isRecord(task) && task["id"]);
    query = typeof body["nextCursor"] === "string" ? `?limit=2&cursor=${body["nextCursor"]}` : "";
  }
  expect(seen).toHaveLength(5);
  expect(new Set(seen)).toEqual(ids);
});

test("the same Idempotency-Key is the same task, and with another body it is refused", async () => {
  await using gateway = await open();
  const call = taskCaller(gateway);
  const how = { method: "POST", key: "k1" } as const;
  const answers = await Promise.all([call(how, "", later), call(how, "", later)]);
  const again = await call(how, "", later);
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  expect(new Set([...answers, again].map(({ task }) => task["id"])).size).toBe(1);
  expect((await call("GET", "")).body["total"]).toBe(1);
  const other = await call(how, "", { payload: { ...payload, message: "else" } });
  expect([other.status, (await call("GET", "")).body["total"]]).toEqual([422, 1]);
});

test("a page of large tasks stays below what clients read of an answer", async () => {
  await using gateway = await open();
  const call = taskCaller(gateway);
  const large = { ...later, payload: { ...payload, message: "x".repeat(120_000) } };
  for (let n = 0; n < 9; n += 1) expect((await call("POST", "", large)).status).toBe(201);
  const first = await call("GET", "");
  const second = await call("GET", `?cursor=${first.body["nextCursor"]}`);
  expect(first.body).toMatchObject({ total: 9, tasks: { length: 6 } });
  expect(second.body).toMatchObject({ total: 9, tasks: { length: 3 } });
  expect(second.body).not.toHaveProperty("nextCursor");
});

test("an event is told in the main conversation", async () => {
  await using gateway = await open({ replies: ["Noted."] });
  const call = taskCaller(gateway);
  const { task } = await call("POST", "", { payload: { kind: "systemEvent", text: "the disk is full" } });
  expect(await until(call, task["id"], "done")).toMatchObject({ attempts: 1 });
  using link = await gateway.connect();
  const { payload: history } = await link.call("chat.history", { sessionKey: "main" });
  expect(JSON.stringify(history["messages"])).toContain("the disk is full");
});

test("a state that takes nothing is told in words", async () => {
  await using temporary = await temporaryState();
  const desk = () => Promise.reject(new StateError("disk_full", "The disk is full: make room."));
  const routes = taskRoutes({ desk, answers: temporary.state.answers, nowMs: Date.now });
  const answers = await Promise.all(
    routes.filter(({ method }) => method === "GET").map(({ handle }) => handle({} as Visit)),
  );
  expect(answers.map(({ status }) => status)).toEqual([503, 503]);
  expect(await answers[0]?.json()).toEqual({
    ok: false,
    error: "Task queue unavailable: The disk is full: make room.",
  });
});
