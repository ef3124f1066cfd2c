import { isRecord } from "@carapace/protocol";
import { startGatewayProcess } from "../../test/support/gateway-process.ts";
import { connectOperator, type Operator } from "../../test/support/operator.ts";
import { type Figure, type Measure, quantile } from "../figure.ts";

/** A chat turn with a model that answers at once: what the gateway itself costs, and what it adds before the first token. */
export const measure: Measure = async ({ short }) => {
  let firstTokenSentAt = 0;
  using vendor = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch() {
      firstTokenSentAt = performance.now();
      return new Response(reply, { headers: { "content-type": "text/event-stream" } });
    },
  });
  const config = { agents: { defaults: { model: "openai:instant" } } };
  await using gateway = await startGatewayProcess({
    config,
    env: { OPENAI_API_KEY: "bench", OPENAI_BASE_URL: `http://127.0.0.1:${vendor.port}` },
  });
  using operator = await connectOperator(gateway.port, gateway.token);
  const turns: number[] = [];
  const added: number[] = [];
  const count = short ? 60 : 500;
  for (let index = 0; index < count + 20; index += 1) {
    const { totalMs, firstTextAt } = await turn(operator, index);
    // The first turns load the provider and warm the code up; a long-running service is measured warm.
    if (index < 20) continue;
    turns.push(totalMs);
    added.push(firstTextAt - firstTokenSentAt);
  }
  const p99: Figure = {
    name: "chat turn, 99th percentile",
    unit: "ms",
    samples: [quantile(turns, 0.99)],
    limit: 25,
    bound: "most",
  };
  return [
    { name: "chat turn, own cost", unit: "ms", samples: turns, limit: 10, bound: "most" },
    p99,
    { name: "first token, added by us", unit: "ms", samples: added, limit: 3, bound: "most" },
  ];
};

const reply = [
  ...["Hel", "lo", " there."].map((content) => ({ choices: [{ index: 0, delta: { content } }] })),
  { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  { choices: [], usage: { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 } },
]
  .map(
    (chunk) =>
      `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "instant", ...chunk })}\n\n`,
  )
  .concat("data: [DONE]\n\n")
  .join("");

async function turn(operator: Operator, index: number): Promise<{ totalMs: number; firstTextAt: number }> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const runId = `bench-${process.pid}-${index}`;
  let firstTextAt = 0;
  operator.onFrame = (frame) => {
    const payload = frame["payload"];
    if (frame["type"] === "res" && frame["ok"] === false) reject(new Error(JSON.stringify(frame)));
    if (!isRecord(payload) || payload["runId"] !== runId) return;
    if (frame["event"] === "agent" && payload["stream"] === "text" && firstTextAt === 0)
      firstTextAt = performance.now();
    if (frame["event"] === "chat" && payload["state"] === "final") resolve();
    if (frame["event"] === "chat" && payload["state"] === "error") reject(new Error(JSON.stringify(frame)));
  };
  const startedAt = performance.now();
  // A new session every 20 turns, as people do; a history of hundreds of turns would measure compaction instead.
  const params = { message: "hello", sessionKey: `bench-${Math.floor(index / 20)}`, idempotencyKey: runId };
  operator.send(JSON.stringify({ type: "req", id: runId, method: "chat.send", params }));
  await ended;
  return { totalMs: performance.now() - startedAt, firstTextAt };
}
