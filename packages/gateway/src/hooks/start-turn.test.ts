import { expect, test } from "bun:test";
import { startHookGateway } from "./testing/hook-gateway.ts";

test("the reply goes to the channel and the recipient the caller names, once", async () => {
  await using hooks = await startHookGateway({ replies: ["the reply"] });
  const headers = { Authorization: "Bearer hooks-token-of-a-test", "Idempotency-Key": "k" };
  const body = { message: "x", channel: "console", to: "me" };
  const { body: answer } = await hooks.post("/hooks/agent?wait=1", { headers, body });
  await hooks.post("/hooks/agent?wait=1", { headers, body });
  using link = await hooks.gateway.connect();
  const { payload } = await link.call("outbox.list", {});
  expect(payload["messages"]).toMatchObject([
    {
      ...{ channel: "console", to: "me", preview: "the reply" },
      source: { kind: "hook", id: answer["runId"] },
    },
  ]);
});

test("last is the channel its conversation last used, else the main one; deliver: false keeps the reply", async () => {
  await using hooks = await startHookGateway();
  using link = await hooks.gateway.connect();
  const outgoing = async () => {
    const { messages } = (await link.call("outbox.list", {})).payload;
    return Array.isArray(messages) ? messages.map(({ to }) => to) : [];
  };
  await hooks.post("/hooks/agent?wait=1", { body: { message: "nowhere yet" } });
  expect(await outgoing()).toEqual([]);
  await link.call("sessions.create", { key: "main", channel: "console", chatId: "owner" });
  await link.call("sessions.create", { key: "work", channel: "console", chatId: "office" });
  await hooks.post("/hooks/agent?wait=1", { body: { message: "a", sessionKey: "work" } });
  await hooks.post("/hooks/agent?wait=1", { body: { message: "b", sessionKey: "fresh" } });
  await hooks.post("/hooks/agent?wait=1", { body: { message: "c", sessionKey: "work", deliver: false } });
  expect((await outgoing()).sort()).toEqual(["office", "owner"]);
});

test("a channel nobody sets up is accepted, and the caller told that the reply stays", async () => {
  await using hooks = await startHookGateway();
  const { status, body } = await hooks.post("/hooks/agent", {
    body: { message: "x", channel: "WA", to: "+1" },
  });
  expect([status, body["note"]]).toEqual([
    202,
    "this channel is not set up; the reply stays in its conversation",
  ]);
  const unknown = await hooks.post("/hooks/agent", { body: { message: "x", channel: "constructor" } });
  expect(unknown.body["error"]).toMatch(/^channel must be one of: last, telegram/);
});

test("a turn that the main conversation shall hear of at the next heartbeat waits there as an event", async () => {
  await using hooks = await startHookGateway();
  const body = { message: "look", name: "Sensor", wakeMode: "next-heartbeat", sessionKey: "s" };
  expect((await hooks.post("/hooks/agent?wait=1", { body })).status).toBe(200);
  using link = await hooks.gateway.connect();
  const waiting = await link.call("hooks.log", {});
  expect(waiting.payload["calls"]).toMatchObject([{ path: "agent", outcome: "accepted" }]);
  const { payload } = await link.call("logs.tail", { pattern: "^system$" });
  expect(JSON.stringify(payload)).toContain("hook-wake-next-heartbeat");
});
