import { afterAll, beforeAll, describe, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type GatewayProcess, startGatewayProcess } from "../support/gateway-process.ts";
import { replay, TraceFile } from "./trace.ts";

const folder = join(import.meta.dir, "traces");

for (const file of readdirSync(folder)) {
  const { scenarios } = TraceFile.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
  describe(file, () => {
    let gateway: GatewayProcess;
    beforeAll(async () => {
      gateway = await startGatewayProcess();
    });
    afterAll(async () => {
      await gateway[Symbol.asyncDispose]();
    });
    for (const scenario of scenarios) test(scenario.name, () => replay(scenario, gateway));
  });
}
