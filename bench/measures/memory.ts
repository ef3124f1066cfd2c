import { startGatewayProcess } from "../../test/support/gateway-process.ts";
import { connectOperator, type Operator } from "../../test/support/operator.ts";
import type { Measure } from "../figure.ts";

/** Resident memory of an idle gateway, and what 1,000 idle connections add to it. */
export const measure: Measure = async ({ short }) => {
  const idle: number[] = [];
  const added: number[] = [];
  for (let index = 0; index < (short ? 1 : 3); index += 1) {
    await using gateway = await startGatewayProcess();
    await Bun.sleep(3_000);
    const before = gateway.rssMiB();
    idle.push(before);
    const connections: Operator[] = [];
    for (let made = 0; made < 1_000; made += 1)
      connections.push(await connectOperator(gateway.port, gateway.token));
    await Bun.sleep(1_000);
    added.push(gateway.rssMiB() - before);
    for (const connection of connections) connection[Symbol.dispose]();
  }
  return [
    { name: "idle memory", unit: "MiB", samples: idle, limit: 80, bound: "most" },
    { name: "1,000 idle connections add", unit: "MiB", samples: added, limit: 60, bound: "most" },
  ];
};
