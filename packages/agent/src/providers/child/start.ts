import { isAbsolute } from "node:path";

/** A child process with its pipes. */
export interface Child {
  readonly stdin: Bun.FileSink;
  /** Ends soon after the program does, be it held open by what it has left behind. */
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
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
    return {
      ...{ stdin, exited, kill: () => killGroup(child.pid) },
      ...{ stdout: untilQuiet(stdout, exited), stderr: untilQuiet(stderr, exited) },
    };
  } catch {
    return undefined;
  }
}

/** Long enough for what still stands in a pipe. */
const quietMs = 500;

/** A program's pipe: once the program has ended, only as long as something comes. */
async function* untilQuiet(
  pipe: ReadableStream<Uint8Array>,
  exited: Promise<unknown>,
): AsyncGenerator<Uint8Array> {
  const reader = pipe.getReader();
  const end = () => void reader.cancel().catch(() => {});
  let timer: ReturnType<typeof setTimeout> | undefined;
  let [hasExited, isReading] = [false, false];
  const wait = () => {
    if (hasExited && isReading) timer = setTimeout(end, quietMs);
  };
  void exited.then(() => {
    hasExited = true;
    wait();
  });
  try {
    for (;;) {
      isReading = true;
      wait();
      const { value } = await reader.read();
      isReading = false;
      clearTimeout(timer);
      if (value === undefined) return;
      // Whoever reads slowly loses nothing: only a pipe that is waited for can be quiet.
      yield value;
    }
  } finally {
    isReading = false;
    clearTimeout(timer);
    end();
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
