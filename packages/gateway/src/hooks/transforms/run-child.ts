import { readFileSync } from "node:fs";
import { isJson, parseJson } from "@carapace/protocol";
import { z } from "zod";
import type { TransformSource } from "./source.ts";
import type { TransformOutcome } from "./types.ts";

/** What one run may take. */
export interface TransformLimits {
  readonly timeoutMs: number;
  /** Resident memory of the whole process; it needs some 30 MiB itself. */
  readonly maxMemoryBytes: number;
  readonly maxOutputBytes: number;
}

/** 5 s and 64 MiB beside what the process needs itself (http.md §8.4 *Better*). */
export const transformLimits: TransformLimits = {
  timeoutMs: 5000,
  maxMemoryBytes: (64 + 32) * 1024 * 1024,
  maxOutputBytes: 1024 * 1024,
};

interface Order {
  readonly source: TransformSource;
  readonly exportName: string | undefined;
  /** JSON. */
  readonly input: string;
}

const Answer = z.object({ isDone: z.boolean(), text: z.string() });
const memoryEveryMs = 10;

/**
 * Runs a transform in a child process, which is killed when its time is up or it takes too much memory. The child gets
 * no variable of ours. @throws what keeps the child from being started
 */
export async function runChild(order: Order, limits: TransformLimits): Promise<TransformOutcome> {
  const child = Bun.spawn(command(limits), {
    env: childEnvironment,
    cwd: "/",
    stdin: new Blob([
      JSON.stringify({
        source: order.source.text,
        isTypeScript: order.source.isTypeScript,
        exportName: order.exportName,
        input: order.input,
      }),
    ]),
    stdout: "pipe",
    stderr: "pipe",
  });
  let killedFor: string | undefined;
  const kill = (say: string) => {
    killedFor ??= say;
    child.kill("SIGKILL");
  };
  const late = setTimeout(() => kill(`it took longer than ${limits.timeoutMs} ms`), limits.timeoutMs);
  const watch = setInterval(() => {
    if (residentBytes(child.pid) > limits.maxMemoryBytes) kill("it took too much memory");
  }, memoryEveryMs);
  try {
    const [out, errors] = await Promise.all([
      firstBytes(child.stdout, limits.maxOutputBytes, () => kill("what it returned is too large")),
      firstBytes(child.stderr, 4096, () => undefined),
      child.exited,
    ]);
    return killedFor === undefined ? outcomeOf(out, errors) : failed(killedFor);
  } finally {
    clearTimeout(late);
    clearInterval(watch);
    child.kill("SIGKILL");
  }
}

/** No secret, no path: only what keeps the runtime from writing files and from telling its makers of a crash. */
const childEnvironment = {
  BUN_ENABLE_CRASH_REPORTING: "0",
  BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
  DO_NOT_TRACK: "1",
};

/** Under limits of the system, too, where there is a shell to set them: processor time, memory, files, no core dump. */
function command({ timeoutMs, maxMemoryBytes }: TransformLimits): string[] {
  const program = [
    ...[process.execPath, "--no-env-file", "--config=/dev/null", "--no-install", "--smol"],
    Bun.fileURLToPath(import.meta.resolve("./child.ts")),
  ];
  if (process.platform === "win32") return program;
  const seconds = Math.ceil(timeoutMs / 1000) + 1;
  // Address space that is only reserved counts, so this is far above what is really allowed.
  const kib = Math.ceil(maxMemoryBytes / 1024) + 512 * 1024;
  const limits = `ulimit -c 0; ulimit -t ${seconds}; ulimit -n 64; ulimit -d ${kib}`;
  return ["/bin/sh", "-c", `${limits}; exec "$@"`, "sh", ...program];
}

/** 0 where the system does not tell it; the limits of the shell hold there. */
function residentBytes(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]);
    return pages * 4096;
  } catch {
    return 0;
  }
}

async function firstBytes(
  stream: ReadableStream<Uint8Array>,
  max: number,
  tooMany: () => void,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > max) tooMany();
    else chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function outcomeOf(out: string, errors: string): TransformOutcome {
  const answer = Answer.safeParse(parseJson(out)).data;
  if (answer === undefined) return failed(lastLine(errors) || "its process ended without an answer");
  if (!answer.isDone) return failed(answer.text);
  const output = parseJson(answer.text);
  return isJson(output) ? { kind: "done", output } : failed("what it returned is no JSON");
}

/** What the runtime said of a program that it could not load. */
function lastLine(errors: string): string {
  const lines = errors.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("Bun v"));
  return (lines.find((line) => line.startsWith("error:")) ?? lines.at(-1) ?? "").trim().slice(0, 300);
}

function failed(say: string): TransformOutcome {
  return { kind: "failed", say };
}
