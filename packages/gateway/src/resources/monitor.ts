import { readdir } from "node:fs/promises";
import { freeBytes } from "../compose/storage.ts";
import type { Log } from "../log/log.ts";

/** What the process uses, when it was last looked at. */
export interface Resources {
  readonly diskFreeBytes?: number;
  readonly memoryRssBytes: number;
  /** Unknown where the system does not tell. */
  readonly openFds?: number;
  readonly uptimeSeconds: number;
}

/** Limits that are warned of (http.md §15.3). */
export interface ResourceLimits {
  readonly minDiskFreeBytes: number;
  readonly maxMemoryBytes: number;
  readonly maxOpenFds: number;
}

export interface MonitorDeps {
  readonly stateDir: string;
  readonly limits: () => ResourceLimits;
  /** Seconds since the start. */
  readonly uptimeSeconds: () => number;
  readonly log: Log;
  /** What is wrong now, in sentences; nothing when all is well again. Contract: must not throw. */
  readonly onTrouble: (reasons: readonly string[]) => void;
  /** Instead of looking at this process. */
  readonly look?: () => Promise<Resources>;
}

export interface ResourceMonitor extends Disposable {
  /** Looks at once and tells; the interval goes on. */
  look(): Promise<Resources>;
  latest(): Resources | undefined;
}

const everyMs = 60_000;
/** A limit that was passed counts as kept again only so far behind it, so that nobody is told of every wobble. */
const slack = 0.1;

/** Looks at disk, memory and descriptors now and every minute, and tells when a limit is passed and when it is kept again. */
export function startResourceMonitor(deps: MonitorDeps): ResourceMonitor {
  const troubled = new Set<string>();
  let latest: Resources | undefined;

  async function look(): Promise<Resources> {
    const found = await (deps.look ?? (() => lookAtProcess(deps)))();
    latest = found;
    const before = [...troubled].join();
    const reasons = judge(found, deps.limits(), troubled);
    if ([...troubled].join() !== before) {
      for (const reason of reasons) deps.log.warn("a resource runs short", { reason });
      if (reasons.length === 0) deps.log.info("resources are sufficient again");
      deps.onTrouble(reasons);
    }
    return found;
  }

  const lookSafely = () =>
    void look().catch((error: unknown) => deps.log.warn("resources could not be looked at", { error }));
  lookSafely();
  const timer = setInterval(lookSafely, everyMs);
  timer.unref();
  return { look, latest: () => latest, [Symbol.dispose]: () => clearInterval(timer) };
}

interface Check {
  readonly name: string;
  readonly isOver: boolean;
  readonly isBackWithin: boolean;
  readonly say: string;
}

/** Changes `troubled`: what is over its limit joins it, what is well within leaves it. @returns the sentences. */
function judge(found: Resources, limits: ResourceLimits, troubled: Set<string>): string[] {
  const { diskFreeBytes: disk, memoryRssBytes: memory, openFds: fds } = found;
  const checks: Check[] = [
    {
      name: "disk",
      isOver: disk !== undefined && disk < limits.minDiskFreeBytes,
      isBackWithin: disk === undefined || disk > limits.minDiskFreeBytes * (1 + slack),
      say: `Only ${mebibytes(disk ?? 0)} are free where the state is kept: make room, or new files are refused.`,
    },
    {
      name: "memory",
      isOver: memory > limits.maxMemoryBytes,
      isBackWithin: memory < limits.maxMemoryBytes * (1 - slack),
      say: `The gateway uses ${mebibytes(memory)} of memory: restart it when no turn runs.`,
    },
    {
      name: "descriptors",
      isOver: fds !== undefined && fds >= limits.maxOpenFds,
      isBackWithin: fds === undefined || fds < limits.maxOpenFds * (1 - slack),
      say: `${fds ?? 0} files and sockets are open: soon the system refuses more.`,
    },
  ];
  for (const { name, isOver, isBackWithin } of checks) {
    if (isOver) troubled.add(name);
    else if (isBackWithin) troubled.delete(name);
  }
  return checks.filter(({ name }) => troubled.has(name)).map(({ say }) => say);
}

async function lookAtProcess({ stateDir, uptimeSeconds }: MonitorDeps): Promise<Resources> {
  const [diskFreeBytes, openFds] = await Promise.all([freeBytes(stateDir), countFds()]);
  return {
    memoryRssBytes: process.memoryUsage.rss(),
    uptimeSeconds: uptimeSeconds(),
    ...(diskFreeBytes === undefined ? {} : { diskFreeBytes }),
    ...(openFds === undefined ? {} : { openFds }),
  };
}

/** How many files and sockets this process has open. Linux and macOS tell them as a folder; elsewhere it is unknown. */
export async function countFds(): Promise<number | undefined> {
  for (const folder of ["/proc/self/fd", "/dev/fd"]) {
    try {
      return (await readdir(folder)).length;
    } catch {}
  }
  return undefined;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}
