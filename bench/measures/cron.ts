import { startGatewayProcess } from "../../test/support/gateway-process.ts";
import { connectOperator, type Operator } from "../../test/support/operator.ts";
import type { Measure } from "../figure.ts";

const jobCount = 500;

/** What 500 planned jobs cost while none is due: processor time, and calls of a model. */
export const measure: Measure = async ({ short }) => {
  let calls = 0;
  using vendor = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch() {
      calls += 1;
      return new Response("{}", { status: 500 });
    },
  });
  const env = { OPENAI_API_KEY: "bench", OPENAI_BASE_URL: `http://127.0.0.1:${vendor.port}` };
  const config = { agents: { defaults: { model: "openai:instant" } } };
  await using gateway = await startGatewayProcess({ config, env });
  using operator = await connectOperator(gateway.port, gateway.token);
  await addJobs(operator);
  // The first verification of what is stored is over then, and the runtime has tidied up what adding the jobs left: it
  // takes its time for that, with jobs or without.
  await Bun.sleep(short ? 15_000 : 30_000);
  const samples: number[] = [];
  // Long looks: the system counts in steps of 10 ms.
  const lookMs = short ? 10_000 : 20_000;
  for (let round = 0; round < (short ? 3 : 4); round += 1) {
    const [cpuMs, startedAt] = [gateway.cpuMs(), performance.now()];
    await Bun.sleep(lookMs);
    samples.push(((gateway.cpuMs() - cpuMs) / (performance.now() - startedAt)) * 100);
  }
  return [
    { name: "500 scheduled jobs, idle processor time", unit: "%", samples, limit: 0.2, bound: "most" },
    { name: "500 scheduled jobs, model calls", unit: "times", samples: [calls], limit: 0, bound: "most" },
  ];
};

/** Of all three kinds, none due within the hour. */
async function addJobs(operator: Operator): Promise<void> {
  const soonMs = Date.now() + 3_600_000;
  const hour = (new Date(soonMs).getUTCHours() + 1) % 24;
  for (let index = 0; index < jobCount; index += 1) {
    const schedule = [
      { kind: "cron", expr: `${index % 60} ${hour} * * *`, tz: "UTC" },
      { kind: "every", everyMs: 3_700_000 + index },
      { kind: "at", atMs: soonMs + index },
    ][index % 3];
    const payload = { kind: "agentTurn", message: "look" };
    await add(operator, String(index), { name: `job ${index}`, schedule, payload });
  }
}

async function add(operator: Operator, id: string, params: Record<string, unknown>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  operator.onFrame = (frame) => {
    if (frame["id"] !== id) return;
    if (frame["ok"] === true) resolve();
    else reject(new Error(`a job was refused: ${JSON.stringify(frame["error"])}`));
  };
  operator.send(JSON.stringify({ type: "req", id, method: "cron.add", params }));
  await promise;
}
