import { expect, test } from "bun:test";
import { accepts, answers, inTurn, startReceiver } from "@carapace/channels/testing";
import { startTestGateway } from "../testing/index.ts";
import { taskCaller, until } from "./testing/call.ts";

const control = { gateway: { control: { enabled: true } } };
const payload = { kind: "agentTurn", message: "weather?", deliver: true, channel: "Webhook", to: "me" };

test("a task that delivers is done when its reply has been sent, once", async () => {
  await using receiver = await startReceiver();
  const config = { ...control, webhook: { url: receiver.url, allowPrivate: true } };
  await using gateway = await startTestGateway({ config, replies: ["Sunny."] });
  const call = taskCaller(gateway);
  const { id } = (await call("POST", "", { payload })).task;
  const done = await until(call, id, "done");
  expect(done).toMatchObject({ attempts: 1, lastError: null });
  expect(receiver.requests.map(({ json }) => json)).toMatchObject([{ to: "me", text: "Sunny." }]);
});

test("one whose reply could not be sent waits for the owner, and is done without another run once it was", async () => {
  await using receiver = await startReceiver(inTurn(answers(400), accepts));
  const config = { ...control, webhook: { url: receiver.url, allowPrivate: true } };
  await using gateway = await startTestGateway({ config, replies: ["Sunny."] });
  const call = taskCaller(gateway);
  const { id } = (await call("POST", "", { payload })).task;
  const blocked = await until(call, id, "blocked");
  expect(blocked).toMatchObject({ blockedReason: "delivery_failure", attempts: 1 });
  expect(String(blocked["lastError"])).toContain("could not be delivered through webhook");
  using link = await gateway.connect();
  const { messages } = (await link.call("outbox.list", {})).payload;
  const [message] = Array.isArray(messages) ? messages : [];
  expect(message).toMatchObject({ source: { kind: "task", id } });
  expect((await link.call("outbox.retry", { id: message?.id })).ok).toBe(true);
  expect((await call("POST", `/${id}/resume`)).status).toBe(200);
  expect(await until(call, id, "done")).toMatchObject({ attempts: 2 });
  expect(receiver.requests).toHaveLength(2);
  const history = await link.call("chat.history", { sessionKey: `cron:${id}` });
  const spoken = Array.isArray(history.payload["messages"]) ? history.payload["messages"] : [];
  expect(spoken).toHaveLength(2);
});

test("a task that found nothing configured goes on by itself once something is", async () => {
  await using gateway = await startTestGateway({ config: control, replies: ["done"] });
  const call = taskCaller(gateway);
  const wish = { payload: { kind: "agentTurn", message: "do it", route: "fast" } };
  const { id } = (await call("POST", "", wish)).task;
  expect(await until(call, id, "blocked")).toMatchObject({ blockedReason: "config_missing" });
  const config = { ...control, routes: { fast: { model: "offline:basic" } } };
  await Bun.write(`${gateway.stateDir}/carapace.json`, JSON.stringify(config));
  expect((await gateway.gateway.reload()).ok).toBe(true);
  expect(await until(call, id, "done")).toMatchObject({ attempts: 2 });
});
