import { join } from "node:path";
import { root, startGatewayProcess } from "../../test/support/gateway-process.ts";
import type { Measure } from "../figure.ts";

/** `cara --version`, `cara status`, and the gateway until `/health` answers: whole processes, by the clock of their parent. */
export const measure: Measure = async ({ short }) => {
  const runs = short ? 5 : 40;
  const version = await timed(runs, ["--version"], { PATH: process.env["PATH"] ?? "" });
  const memory = await Promise.all(Array.from({ length: short ? 1 : 5 }, () => peakOf(["--version"])));
  const health: number[] = [];
  const ready: number[] = [];
  for (let index = 0; index < (short ? 3 : 20); index += 1) {
    await using gateway = await startGatewayProcess();
    health.push(gateway.healthMs);
    ready.push(gateway.readyMs);
  }
  await using gateway = await startGatewayProcess();
  const status = await timed(runs, ["status", "--port", String(gateway.port)], gateway.env);
  return [
    { name: "cara --version", unit: "ms", samples: version, limit: 20, bound: "most" },
    { name: "cara --version, memory", unit: "MiB", samples: memory, limit: 40, bound: "most" },
    { name: "cara status", unit: "ms", samples: status, limit: 40, bound: "most" },
    { name: "gateway, exec to /health", unit: "ms", samples: health, limit: 150, bound: "most" },
    { name: "gateway, exec to ready for messages", unit: "ms", samples: ready, limit: 200, bound: "most" },
  ];
};

async function timed(runs: number, args: string[], env: Record<string, string>): Promise<number[]> {
  const ms: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    const startedAt = performance.now();
    const child = Bun.spawn([join(root, "cara"), ...args], {
      env,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "inherit",
    });
    if ((await child.exited) !== 0) throw new Error(`cara ${args.join(" ")} failed`);
    ms.push(performance.now() - startedAt);
  }
  return ms;
}

/** The most memory that `cara` takes, in MiB. */
async function peakOf(args: string[]): Promise<number> {
  const script = join(root, "bench", "peak-of-command.ts");
  const child = Bun.spawn([process.execPath, script, join(root, "cara"), ...args], {
    env: { PATH: process.env["PATH"] ?? "" },
    stdout: "pipe",
    stderr: "inherit",
  });
  return Number(await child.stdout.text()) / 2 ** 20;
}
