import { readdirSync, readFileSync } from "node:fs";

/** What the system tells of one process (Linux). */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** Its words, joined by blanks. */
  readonly argv: string;
  /** `NAME=value` lines; undefined where the process keeps it closed. */
  readonly environment: string | undefined;
}

/** @returns undefined if it has ended */
function factsOf(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return {
      pid,
      parent: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]),
      argv: spaced(readFileSync(`/proc/${pid}/cmdline`, "utf8")),
      environment: environmentOf(pid),
    };
  } catch {
    return undefined;
  }
}

function environmentOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").replaceAll("\u0000", "\n");
  } catch {
    return undefined;
  }
}

function spaced(words: string): string {
  return words.replaceAll("\u0000", " ");
}

/** Every process below this one, at this moment. */
export function descendantsOf(ancestor: number): ProcessFacts[] {
  const all = readdirSync("/proc").flatMap((name) => {
    const facts = /^\d+$/.test(name) ? factsOf(Number(name)) : undefined;
    return facts === undefined ? [] : [facts];
  });
  const found: ProcessFacts[] = [];
  const pids = new Set([ancestor]);
  for (let grew = true; grew; ) {
    const next = all.filter(({ pid, parent }) => pids.has(parent) && !pids.has(pid));
    grew = next.length > 0;
    for (const one of next) pids.add(one.pid);
    found.push(...next);
  }
  return found;
}

/** Looks at every process below `ancestor` again and again while something runs, so that short ones are seen too. */
export async function watchingProcesses<T>(
  ancestor: number,
  run: () => Promise<T>,
): Promise<{ readonly value: T; readonly seen: readonly ProcessFacts[] }> {
  const seen = new Map<string, ProcessFacts>();
  const look = () => {
    for (const one of descendantsOf(ancestor)) seen.set(`${one.pid} ${one.argv} ${one.environment}`, one);
  };
  const timer = setInterval(look, 3);
  try {
    const value = await run();
    look();
    return { value, seen: [...seen.values()] };
  } finally {
    clearInterval(timer);
  }
}
