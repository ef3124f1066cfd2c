import { isAbsolute } from "node:path";

/** A child process with its pipes. */
export interface Child {
  readonly stdin: Bun.FileSink;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<number>;
  /** Kills it and everything it has started. */
  kill(): void;
}

export interface ChildOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Starts a program, found by the `PATH` of its own environment. @returns undefined if it is not there or cannot be run */
export function startChild(command: readonly string[], { env, cwd }: ChildOptions): Child | undefined {
  const [name = "", ...args] = command;
  const program = isAbsolute(name) ? name : Bun.which(name, { PATH: env["PATH"] ?? "", cwd: "/" });
  if (program === null) return undefined;
  try {
    const child = Bun.spawn([program, ...args], {
      env,
      cwd,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
      // A group of its own: programs like these are scripts, and what they start must not outlive them.
      detached: true,
    });
    const { stdin, stdout, stderr, exited } = child;
    return { stdin, stdout, stderr, exited, kill: () => killGroup(child.pid) };
  } catch {
    return undefined;
  }
}

function killGroup(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
