import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const writer = join(import.meta.dir, "writer.ts");

export interface Writer extends AsyncDisposable {
  readonly pid: number;
  /** Lines it has printed whole so far. */
  readonly lines: readonly string[];
  /** Resolves when it has printed so many lines or ended. */
  printed(count: number): Promise<void>;
  /** Kills it with SIGKILL and waits for its end. */
  kill(): Promise<void>;
  readonly exited: Promise<number>;
}

/** Starts the writing child; with `fileBlocks`, none of its files may grow above so many KiB. */
export function startWriter(
  dir: string,
  seed: number,
  limits: { paddingBytes?: number; fileBlocks?: number } = {},
): Writer {
  const args = [
    process.execPath,
    "--no-env-file",
    "--no-install",
    writer,
    dir,
    `${seed}`,
    `${limits.paddingBytes ?? 0}`,
  ];
  const shell =
    limits.fileBlocks === undefined
      ? args
      : ["bash", "-c", `ulimit -f ${limits.fileBlocks}; exec "$0" "$@"`, ...args];
  const child = Bun.spawn(shell, { stdout: "pipe", stderr: "inherit" });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let hasEnded = false;
  const reading = (async () => {
    let rest = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      for (const wake of waiting) wake();
    }
    hasEnded = true;
    for (const wake of waiting) wake();
  })();
  const kill = async () => {
    child.kill("SIGKILL");
    await child.exited;
    await reading;
  };
  return {
    pid: child.pid,
    lines,
    printed: (count) =>
      new Promise((resolve) => {
        const wake = () => {
          if (lines.length < count && !hasEnded) return;
          waiting.delete(wake);
          resolve();
        };
        waiting.add(wake);
        wake();
      }),
    kill,
    exited: child.exited.then(async (code) => {
      await reading;
      return code;
    }),
    [Symbol.asyncDispose]: kill,
  };
}

export async function temporaryDirectory(): Promise<AsyncDisposable & { readonly dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), "carapace-state-"));
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

/** A small generator with a seed, so that a failure can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
