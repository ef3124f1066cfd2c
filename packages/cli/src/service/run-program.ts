import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { createPieceCleaner } from "../output/clean.ts";
import { untilSignal } from "../until-signal.ts";
import type { CliWorld } from "../world.ts";

/** What a program of the system said. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** What reaches a service manager: where it is, and in which language it speaks; nothing that might be a secret. */
const passed: readonly string[] = [
  ...["PATH", "HOME", "USER", "LOGNAME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DBUS_SESSION_BUS_ADDRESS"],
  ...["SystemRoot", "USERNAME", "USERDOMAIN", "USERPROFILE", "APPDATA", "TEMP"],
];

const timeoutMs = 60_000;

/** Runs a program of the system to its end. @returns `unavailable` if it is not there */
export async function runProgram(command: readonly string[], env: Variables): Promise<Result<Ran>> {
  const found = find(command, env);
  if (!found.ok) return found;
  const child = Bun.spawn(found.value.command, {
    env: found.value.env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: timeoutMs,
  });
  const [code, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  return ok({ code, stdout, stderr });
}

/** Runs a program of the system and prints what it says, made safe for a terminal, until it ends or Ctrl-C. */
export async function showProgram(
  command: readonly string[],
  { env, out }: CliWorld,
): Promise<Result<undefined>> {
  const found = find(command, env);
  if (!found.ok) return found;
  using stop = untilSignal();
  out.whenBroken(stop.now);
  const child = Bun.spawn(found.value.command, {
    env: found.value.env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    signal: stop.signal,
  });
  const decoder = new TextDecoder();
  const clean = createPieceCleaner();
  for await (const chunk of child.stdout) out.piece(clean(decoder.decode(chunk, { stream: true })));
  const code = await child.exited;
  return code === 0 || stop.signal.aborted
    ? ok(undefined)
    : refuse("unavailable", `${command[0]} ended with ${code}`);
}

/** The program by its absolute path, and the environment that it gets. */
function find([name = "", ...args]: readonly string[], variables: Variables) {
  const own = passed.flatMap((one) => (variables[one] === undefined ? [] : [[one, variables[one]] as const]));
  const env = { ...Object.fromEntries(own), LC_ALL: "C" };
  const path = Bun.which(name, { PATH: variables["PATH"] ?? "" });
  return path === null
    ? refuse("unavailable", `${name} is not on this machine`)
    : ok({ command: [path, ...args], env });
}
