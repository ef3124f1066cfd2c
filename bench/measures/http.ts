import { startGatewayProcess } from "../../test/support/gateway-process.ts";
import type { Figure, Measure } from "../figure.ts";

const connections = 32;

interface Load {
  /** Requests answered with 200 a second. */
  readonly perSecond: number;
  readonly p99Ms: number;
}

/** One load generator: its command for so many seconds at a URL, and how its report is read. */
interface Generator {
  readonly command: (url: string, seconds: number) => string[];
  readonly read: (report: string) => Load | undefined;
}

/** In this order; the first that is on the path counts. */
const generators: Readonly<Record<string, Generator>> = {
  wrk: {
    command: (url, seconds) => ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--latency", url],
    read(report) {
      if (report.includes("Non-2xx")) return undefined;
      const perSecond = /Requests\/sec:\s+([\d.]+)/.exec(report)?.[1];
      const [, value, unit = "s"] = /99%\s+([\d.]+)(us|ms|s)/.exec(report) ?? [];
      const toMs: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };
      if (perSecond === undefined || value === undefined) return undefined;
      return { perSecond: Number(perSecond), p99Ms: Number(value) * (toMs[unit] ?? 1) };
    },
  },
  ab: {
    command: (url, seconds) => [
      "ab",
      "-k",
      "-q",
      "-n",
      "10000000",
      "-t",
      `${seconds}`,
      "-c",
      `${connections}`,
      url,
    ],
    read(report) {
      if (/Non-2xx|Failed requests:\s+[1-9]/.test(report)) return undefined;
      const perSecond = /Requests per second:\s+([\d.]+)/.exec(report)?.[1];
      const p99 = /\s99%\s+(\d+)/.exec(report)?.[1];
      if (perSecond === undefined || p99 === undefined) return undefined;
      return { perSecond: Number(perSecond), p99Ms: Number(p99) };
    },
  },
};

/**
 * `/health` over keep-alive connections, with wrk or ab if one is on the path, else with Bun's own client, which costs
 * more than what it measures: then the rate is only told. The load comes from the same machine.
 */
export const measure: Measure = async ({ short }) => {
  await using gateway = await startGatewayProcess();
  const url = `http://127.0.0.1:${gateway.port}/health`;
  const [name, generator] = Object.entries(generators).find(([name]) => Bun.which(name) !== null) ?? [];
  const runs: Load[] = [];
  const seconds = short ? 1 : 3;
  for (let run = 0; run < (short ? 3 : 7); run += 1) {
    runs.push(
      generator === undefined ? await loadWithFetch(url, seconds) : await loadWith(generator, url, seconds),
    );
  }
  return figures(name ?? "Bun's fetch", runs, generator === undefined ? 5_000 : 60_000);
};

function figures(name: string, runs: readonly Load[], leastPerSecond: number): Figure[] {
  const { length } = runs;
  if (length === 0) throw new Error("nothing was measured");
  return [
    {
      ...{ name: `/health requests, by ${name}`, unit: "per s", limit: leastPerSecond, bound: "least" },
      samples: runs.map(({ perSecond }) => perSecond),
    },
    {
      ...{ name: `/health p99, by ${name}`, unit: "ms", limit: 10, bound: "most" },
      samples: runs.map(({ p99Ms }) => p99Ms),
    },
  ];
}

async function loadWith(generator: Generator, url: string, seconds: number): Promise<Load> {
  const child = Bun.spawn(generator.command(url, seconds), { stdout: "pipe", stderr: "ignore" });
  const load = generator.read(await new Response(child.stdout).text());
  if ((await child.exited) !== 0 || load === undefined) throw new Error("the load generator failed");
  return load;
}

async function loadWithFetch(url: string, seconds: number): Promise<Load> {
  const times: number[] = [];
  const startedAt = performance.now();
  const untilMs = startedAt + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < untilMs) {
        const before = performance.now();
        const answer = await fetch(url);
        await answer.arrayBuffer();
        if (answer.ok) times.push(performance.now() - before);
      }
    }),
  );
  times.sort((a, b) => a - b);
  const perSecond = times.length / ((performance.now() - startedAt) / 1000);
  return { perSecond, p99Ms: times[Math.floor(times.length * 0.99)] ?? Number.NaN };
}
