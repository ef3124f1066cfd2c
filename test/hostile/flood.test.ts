import { expect, test } from "bun:test";
import { openClient, type TestClient } from "../../packages/gateway/src/listen/testing/client.ts";
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
    "x".repeat(520_000),
    "[".repeat(5000),
    `{"a":${"[".repeat(400)}${"]".repeat(400)}}`,
    "\u0000",
  ];
  const clients = await Promise.all(Array.from({ length: 100 }, () => openClient(gateway.url)));
  for (const [index, client] of clients.entries()) client.sendText(texts[index % texts.length] ?? "");
  const ends = await Promise.all(clients.map(({ closed }) => closed));
  expect(new Set(ends.map(({ code, reason }) => `${code} ${reason}`))).toEqual(
    new Set(["1008 invalid request frame"]),
  );
  expect(await healthStatus(gateway)).toBe(200);
  expect(gateway.rssMiB() - beforeMiB).toBeLessThan(roomMiB);
}, 15_000);
