import { startGatewayProcess } from "../../test/support/gateway-process.ts";
import { type Figure, type Measure, quantile } from "../figure.ts";

/**
 * What `/v1/chat/completions` adds to a model that answers at once: for a model asked as it is, and for a turn of an
 * agent, which is journalled and remembers.
 */
export const measure: Measure = async ({ short }) => {
  using vendor = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(reply, { headers: { "content-type": "text/event-stream" } }),
  });
  const vendorUrl = `http://127.0.0.1:${vendor.port}`;
  await using gateway = await startGatewayProcess({
    config: {
      agents: { defaults: { model: "openai:instant" } },
      gateway: { openai: { chatCompletions: true } },
    },
    env: { OPENAI_API_KEY: "bench", OPENAI_BASE_URL: vendorUrl },
  });
  const count = short ? 60 : 500;
  const url = `http://127.0.0.1:${gateway.port}/v1/chat/completions`;
  const ask = (model: string) => async () => await completed(url, gateway.token, model);
  const direct = await timed(async () => void (await (await fetch(vendorUrl)).text()), count);
  const model = await timed(ask("openai:instant"), count);
  const agent = await timed(ask("carapace"), count);
  const vendorMs = quantile(direct, 0.5);
  return [
    ...figures("completion by a model", model, { vendorMs, median: 5, p99: 20 }),
    ...figures("completion by an agent", agent, { vendorMs, median: 10, p99: 25 }),
  ];
};

const reply = [
  { choices: [{ index: 0, delta: { content: "Hello there." } }] },
  { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  { choices: [], usage: { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 } },
]
  .map(
    (chunk) =>
      `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "instant", ...chunk })}\n\n`,
  )
  .concat("data: [DONE]\n\n")
  .join("");

async function completed(url: string, token: string, model: string): Promise<void> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hello" }] }),
  });
  const text = await answer.text();
  if (!text.includes("Hello there.")) throw new Error(text);
}

/** Ms of each call, one after the other; the first ones warm everything up. */
async function timed(call: () => Promise<void>, count: number): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < count + 20; index += 1) {
    const startedAt = performance.now();
    await call();
    if (index >= 20) samples.push(performance.now() - startedAt);
  }
  return samples;
}

interface Limits {
  /** The vendor's own part, which is not ours. */
  readonly vendorMs: number;
  readonly median: number;
  readonly p99: number;
}

function figures(name: string, samples: readonly number[], { vendorMs, median, p99 }: Limits): Figure[] {
  const added = samples.map((ms) => Math.max(0, ms - vendorMs));
  return [
    { name: `${name}, added by us`, unit: "ms", samples: added, limit: median, bound: "most" },
    {
      name: `${name}, 99th percentile`,
      unit: "ms",
      samples: [quantile(added, 0.99)],
      limit: p99,
      bound: "most",
    },
  ];
}
