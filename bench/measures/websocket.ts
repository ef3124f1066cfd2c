import { startGatewayProcess } from "../../test/support/gateway-process.ts";
import { connectOperator } from "../../test/support/operator.ts";
import type { Measure } from "../figure.ts";

const connections = 50;
/** Requests each connection keeps under way: a client that pipelines, as ours does. */
const underWay = 8;

/** `health` round trips per second over 50 connections; the clients run on the same cores. */
export const measure: Measure = async ({ short }) => {
  await using gateway = await startGatewayProcess();
  const operators = await Promise.all(
    Array.from({ length: connections }, () => connectOperator(gateway.port, gateway.token)),
  );
  let answered = 0;
  const request = '{"type":"req","id":"h","method":"health"}';
  for (const operator of operators) {
    operator.onFrame = (frame) => {
      if (frame["type"] !== "res") return;
      answered += 1;
      operator.send(request);
    };
    for (let index = 0; index < underWay; index += 1) operator.send(request);
  }
  await Bun.sleep(500);
  const samples: number[] = [];
  for (let second = 0; second < (short ? 3 : 10); second += 1) {
    const before = answered;
    const startedAt = performance.now();
    await Bun.sleep(1_000);
    samples.push(((answered - before) / (performance.now() - startedAt)) * 1_000);
  }
  for (const operator of operators) operator[Symbol.dispose]();
  return [
    { name: "WS health round trips, 50 connections", unit: "per s", samples, limit: 25_000, bound: "least" },
  ];
};
