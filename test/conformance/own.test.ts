import { describe, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startGatewayProcess } from "../support/gateway-process.ts";
import { replay, TraceFile } from "./trace.ts";

const folder = join(import.meta.dir, "traces");

for (const file of readdirSync(folder)) {
  const { scenarios } = TraceFile.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
  describe(file, () => {
    for (const scenario of scenarios) {
      test.concurrent(scenario.name, async () => {
        await using gateway = await startGatewayProcess();
        await replay(scenario, gateway);
      });
    }
  });
}
