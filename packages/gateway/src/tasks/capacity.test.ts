import { expect, test } from "bun:test";
import type { Visit } from "../http/route.ts";
import { taskRoutes } from "./routes.ts";
import { actor, startTestBench } from "./testing/bench.ts";

const wish = {
  payload: { kind: "agentTurn", message: "do it" },
  ...{ policy: undefined, dependsOn: undefined },
};

test("where no task has ended there is no room for another, and one that ended makes room", async () => {
  await using bench = await startTestBench({ capacity: 2 });
  const later = { ...wish, nextRunAtMs: bench.clock.nowMs + 1000 };
  const first = await bench.desk.create(later, { actor });
  await bench.desk.create(later, { actor });
  expect(await bench.desk.isFull()).toBe(true);
  expect(await bench.desk.create(later, { actor })).toMatchObject({ ok: false, code: "unavailable" });
  await bench.desk.cancel(first.ok ? first.value.id : "", {}, actor);
  expect(await bench.desk.isFull()).toBe(false);
  expect((await bench.desk.create(later, { actor })).ok).toBe(true);
  expect((await bench.desk.page({})).total).toBe(2);
});

test("a full queue is said before the body is looked at", async () => {
  await using bench = await startTestBench({ capacity: 1 });
  await bench.create({ nextRunAtMs: bench.clock.nowMs + 1000 });
  const { answers } = bench.state;
  const routes = taskRoutes({ desk: async () => bench.desk, answers, nowMs: () => bench.clock.nowMs });
  const create = routes.find(({ method, path }) => method === "POST" && path === "/control/tasks");
  const answer = await create?.handle(visit);
  expect([answer?.status, await answer?.json()]).toEqual([503, { ok: false, error: "Task queue is full" }]);
});

const visit: Visit = {
  request: new Request("http://localhost/control/tasks", { method: "POST", body: "{" }),
  peer: { ip: actor, isLoopback: true, isLocalDirect: true, host: "local" },
  ...{
    clientIp: actor,
    isSecure: false,
    requestId: "r",
    url: new URL("http://localhost/control/tasks"),
    params: {},
  },
  ...{ signal: new AbortController().signal, caller: { kind: "bearer" } as const },
  body: () => Promise.reject(new Error("it was looked at")),
};
