import { expect, test } from "bun:test";
import { isRecord } from "@carapace/protocol";
import { introduce, openClient, type TestClient } from "../../packages/gateway/src/listen/testing/client.ts";
import { frame, openRaw, upgradeRequest } from "../../packages/gateway/src/listen/testing/raw.ts";
import { startGatewayProcess } from "../support/gateway-process.ts";
import { adminOf, healthStatus } from "./connect.ts";

const roomMiB = 150;

/** A model that never answers within a test. */
function silentModel(): Bun.Server<undefined> {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) =>
      new Promise((resolve) => request.signal.addEventListener("abort", () => resolve(new Response()))),
  });
}

test("ten thousand messages to one session leave 64 waiting and the memory where it was", async () => {
  const model = silentModel();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => model.stop(true));
  const gateway = stack.adopt(
    await startGatewayProcess({
      env: {
        OPENAI_API_KEY: "sk-test-0000000000000000",
        OPENAI_BASE_URL: `http://127.0.0.1:${model.port}/v1`,
      },
    }),
    (one) => one.kill(),
  );
  using client = await adminOf(gateway);
  const beforeMiB = gateway.rssMiB();
  let accepted = 0;
  for (let batch = 0; batch < 200; batch += 1) accepted += await sendFifty(client, batch);
  expect(accepted).toBe(65);
  expect(await healthStatus(gateway)).toBe(200);
  expect(gateway.rssMiB() - beforeMiB).toBeLessThan(roomMiB);
}, 30_000);

test("big messages to two hundred sessions wait on disk, not in memory, and only so many of them", async () => {
  const model = silentModel();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => model.stop(true));
  const gateway = stack.adopt(
    await startGatewayProcess({
      env: {
        OPENAI_API_KEY: "sk-test-0000000000000000",
        OPENAI_BASE_URL: `http://127.0.0.1:${model.port}/v1`,
      },
    }),
    (one) => one.kill(),
  );
  using client = await adminOf(gateway);
  const beforeMiB = gateway.rssMiB();
  const message = "é".repeat(250_000);
  let accepted = 0;
  for (let index = 0; index < 200; index += 1) {
    const params = { sessionKey: `big${index}`, message, idempotencyKey: `big${index}` };
    if ((await client.request("chat.send", params))["ok"] === true) accepted += 1;
  }
  expect(accepted).toBeWithin(100, 160);
  expect(gateway.rssMiB() - beforeMiB).toBeLessThan(2 * roomMiB);
}, 30_000);

async function sendFifty(client: TestClient, batch: number): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      client.request("chat.send", {
        sessionKey: "flood",
        message: "hi",
        idempotencyKey: `${batch}-${index}`,
      }),
    ),
  );
  return answers.filter(({ ok }) => ok === true).length;
}

test("strangers' floods of bad first frames are each closed, and the gateway stays small and awake", async () => {
  await using gateway = await startGatewayProcess();
  const beforeMiB = gateway.rssMiB();
  const texts = [
    "x".repeat(60_000),
    "x".repeat(520_000),
    "[".repeat(60_000),
    `{"type":"req","id":"1","method":"connect","params":${'{"a":'.repeat(10_000)}`,
    "\u0000",
  ];
  for (let round = 0; round < 5; round += 1) {
    const clients = await Promise.all(Array.from({ length: 60 }, () => openClient(gateway.url)));
    for (const [index, client] of clients.entries()) client.sendText(texts[index % texts.length] ?? "");
    const ends = await Promise.all(clients.map(({ closed }) => closed));
    expect(new Set(ends.map(({ code, reason }) => `${code} ${reason}`))).toEqual(
      new Set([
        "1008 invalid request frame",
        "1008 payload too large",
        "1008 JSON nesting depth exceeds maximum allowed depth of 32",
      ]),
    );
  }
  expect(await healthStatus(gateway)).toBe(200);
  expect(gateway.rssMiB() - beforeMiB).toBeLessThan(roomMiB);
}, 15_000);

/** The beginning of a message as large as the transport takes, which never ends. */
const unfinished = frame(1, "x".repeat(500_000)).subarray(0, 400_000);

test("eighteen hundred silent sockets with unfinished messages take little, and the owner gets in beside them", async () => {
  await using gateway = await startGatewayProcess();
  await using stack = new AsyncDisposableStack();
  const beforeMiB = gateway.rssMiB();
  const silent: { [Symbol.dispose](): void }[] = [];
  for (let count = 0; count < 1800; count += 1) {
    const raw = await openRaw(gateway.port);
    silent.push(raw);
    raw.write(upgradeRequest());
    raw.write(unfinished);
  }
  const owner = await adminOf(gateway);
  stack.use(owner);
  expect(await owner.request("health")).toMatchObject({ ok: true });
  // All of it at once would be 700 MiB. Those who were sent away keep their part until the collector comes by: with
  // twice as many it swings between 40 and 170 MiB, and does not grow.
  expect(gateway.rssMiB() - beforeMiB).toBeLessThan(240);
  for (const raw of silent) raw[Symbol.dispose]();
  await until(() => gateway.rssMiB() - beforeMiB < 60);
}, 20_000);

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(50);
}

test("two thousand refused connections leave the log readable", async () => {
  await using gateway = await startGatewayProcess();
  using owner = await adminOf(gateway);
  await owner.request("logs.tail", {});
  for (let batch = 0; batch < 40; batch += 1) {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        using thief = await openClient(gateway.url);
        await introduce(thief, { connect: { auth: { password: "wrong" } } }).catch(() => undefined);
      }),
    );
  }
  const { payload } = await owner.request("logs.tail", {});
  const lines = isRecord(payload) && Array.isArray(payload["lines"]) ? payload["lines"] : [];
  expect(lines.filter((line) => String(line).includes("refused")).length).toBeWithin(1, 5);
}, 20_000);

test("a pattern made to run for years holds nobody up", async () => {
  await using gateway = await startGatewayProcess();
  using reader = await adminOf(gateway);
  using other = await adminOf(gateway);
  const startedAtMs = performance.now();
  const answer = reader.request("logs.tail", { pattern: `^${"(.*)*".repeat(40)}X` });
  expect(await other.request("health")).toMatchObject({ ok: true });
  expect(await answer).toMatchObject({ ok: true, payload: { entries: [] } });
  expect(performance.now() - startedAtMs).toBeLessThan(1000);
}, 15_000);
