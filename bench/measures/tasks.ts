import { isRecord } from "@carapace/protocol";
import { startGatewayProcess } from "../../test/support/gateway-process.ts";
import type { Measure } from "../figure.ts";

const atOnce = 16;

/** Durable tasks from their creation over HTTP to `done`, with a model that answers at once. */
export const measure: Measure = async ({ short }) => {
  using vendor = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(reply, { headers: { "content-type": "text/event-stream" } }),
  });
  const config = {
    agents: { defaults: { model: "openai:instant" } },
    gateway: { control: { enabled: true } },
  };
  await using gateway = await startGatewayProcess({
    config,
    env: { OPENAI_API_KEY: "bench", OPENAI_BASE_URL: `http://127.0.0.1:${vendor.port}` },
  });
  const url = `http://127.0.0.1:${gateway.port}/control/tasks`;
  const headers = { Authorization: `Bearer ${gateway.token}` };
  const perSecond: number[] = [];
  for (let round = 0; round < (short ? 2 : 5); round += 1) {
    const count = short ? 50 : 200;
    const startedAt = performance.now();
    await createAll(url, headers, count);
    await untilNoneIsOpen(url, headers);
    // The first round loads the worker and the provider.
    if (round > 0) perSecond.push(count / ((performance.now() - startedAt) / 1000));
  }
  return [{ name: "durable tasks", unit: "per s", samples: perSecond, limit: 25, bound: "least" }];
};

const chunk = { id: "c", object: "chat.completion.chunk", created: 1, model: "instant" };
const reply = [
  { ...chunk, choices: [{ index: 0, delta: { content: "done" } }] },
  { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
]
  .map((part) => `data: ${JSON.stringify(part)}\n\n`)
  .concat("data: [DONE]\n\n")
  .join("");

type Headers = Readonly<Record<string, string>>;

async function createAll(url: string, headers: Headers, count: number): Promise<void> {
  const body = JSON.stringify({ payload: { kind: "agentTurn", message: "do it" } });
  let left = count;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const answer = await fetch(url, { method: "POST", headers, body });
      if (answer.status !== 201) throw new Error(`a task was answered with ${answer.status}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

async function untilNoneIsOpen(url: string, headers: Headers): Promise<void> {
  for (const state of ["queued", "running", "retry_wait", "blocked", "failed"]) {
    for (let total = 1; total > 0; ) {
      const body: unknown = await (await fetch(`${url}?state=${state}&limit=1`, { headers })).json();
      total = isRecord(body) ? Number(body["total"]) : 0;
      if (total > 0 && (state === "failed" || state === "retry_wait" || state === "blocked"))
        throw new Error(`tasks are ${state}: ${JSON.stringify(body)}`);
      if (total > 0) await Bun.sleep(20);
    }
  }
}
