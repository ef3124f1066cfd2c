import { drive, loadConfig, type Rates } from "../../test/load/traffic.ts";
import { startGatewayProcess } from "../../test/support/gateway-process.ts";
import { type Measure, quantile } from "../figure.ts";

/** Ten times what a busy owner, a page that is open and a few programs ask of a gateway. */
const rates: Rates = { http: 1000, ws: 300, turns: 20 };
const token = "a-token-for-tests-of-forty-characters-00";

/** Mixed traffic for a minute: how `/health` fares meanwhile, what fails, and what memory it takes. */
export const measure: Measure = async ({ short }) => {
  await using gateway = await startGatewayProcess({ config: loadConfig(token) });
  await drive(gateway, rates, 5000);
  const before = gateway.rssMiB();
  const seen = await drive(gateway, rates, short ? 10_000 : 60_000);
  const statuses = [...seen.statuses].map(([status, count]) => `${status}: ${count}`).join(", ");
  process.stderr.write(
    `answers ${statuses}; WS ${seen.wsAnswers}; turns accepted over HTTP ${seen.turnsAccepted}\n`,
  );
  for (const bad of seen.badAnswers.slice(0, 5)) process.stderr.write(`${bad}\n`);
  const after = gateway.rssMiB();
  return [
    {
      name: "/health under load, p99",
      unit: "ms",
      samples: [quantile(seen.healthMs, 0.99)],
      limit: 20,
      bound: "most",
    },
    {
      name: "load: answers that fail without saying when to come back",
      unit: "times",
      samples: [seen.badAnswers.length],
      limit: 0,
      bound: "most",
    },
    { name: "load: memory it adds", unit: "MiB", samples: [after - before], limit: 60, bound: "most" },
  ];
};
