import { drive, loadConfig, type Rates } from "../../test/load/traffic.ts";
import { startGatewayProcess } from "../../test/support/gateway-process.ts";
import type { Measure } from "../figure.ts";

/** A day of a busy owner in ten minutes: 1,200 turns, 60,000 requests. */
const rates: Rates = { http: 80, ws: 20, turns: 2 };
/** Five times as much at first: what is kept for speed (newest messages, pages of the database) fills up to its bounds. */
const warmUp: Rates = { http: 400, ws: 100, turns: 10 };
const token = "a-token-for-tests-of-forty-characters-00";
const warmUpMs = 90_000;

/** Ten minutes of real traffic: memory at the end beside that after the warm-up. */
export const measure: Measure = async ({ short }) => {
  await using gateway = await startGatewayProcess({ config: loadConfig(token) });
  await drive(gateway, warmUp, short ? 10_000 : warmUpMs);
  const warm = await settled(gateway.rssMiB);
  const readings: number[] = [];
  const rounds = short ? 2 : 8;
  for (let round = 0; round < rounds; round += 1) {
    const seen = await drive(gateway, rates, short ? 5000 : 64_000);
    readings.push(await settled(gateway.rssMiB));
    if (seen.badAnswers.length > 0) process.stderr.write(`${seen.badAnswers.slice(0, 3).join("\n")}\n`);
  }
  const shown = readings.map((mib) => mib.toFixed(1)).join(" ");
  process.stderr.write(`after the warm-up ${warm.toFixed(1)} MiB, then ${shown}\n`);
  const last = readings.at(-1) ?? Number.NaN;
  return [
    {
      name: "soak: memory at the end, of that after warm-up",
      unit: "%",
      samples: [(last / warm) * 100],
      limit: 105,
      bound: "most",
    },
  ];
};

/** The lowest of some readings: what has been let go of needs a moment to be given back. */
async function settled(read: () => number): Promise<number> {
  const readings: number[] = [];
  for (let reading = 0; reading < 5; reading += 1) {
    await Bun.sleep(400);
    readings.push(read());
  }
  return Math.min(...readings);
}
