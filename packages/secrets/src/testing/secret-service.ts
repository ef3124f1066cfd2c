import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probeSecretService } from "../credential-store/secret-service/probe.ts";

const password = "a throwaway password";
const patienceMs = 10_000;

/** What this machine lacks for a Secret Service of one's own; empty if nothing. */
export function missingForSecretService(): string {
  const programs = ["dbus-daemon", "gnome-keyring-daemon"].filter((name) => Bun.which(name) === null);
  return programs.join(", ");
}

/** A real Secret Service (gnome-keyring) on a message bus of its own, which starts no other program. */
export interface TestSecretService extends AsyncDisposable {
  /** The environment of a process that uses it. */
  readonly env: Record<string, string>;
  readonly stateDir: string;
  /** Ends the service; the bus and what is stored stay. */
  kill(): Promise<void>;
  /** Starts it again: unlocked, or as after a login without a password. */
  start(as: "unlocked" | "locked"): Promise<void>;
}

export async function startSecretService(): Promise<TestSecretService> {
  const folder = mkdtempSync(join(tmpdir(), "carapace-keyring-"));
  const bus = await startBus(folder);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_RUNTIME_DIR: folder,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(folder, "bus")}`,
  };
  let service: Bun.Subprocess | undefined;
  const kill = async (): Promise<void> => {
    service?.kill("SIGKILL");
    await service?.exited;
  };
  const start = async (as: "unlocked" | "locked"): Promise<void> => {
    const unlocking = as === "unlocked" ? ["--unlock"] : [];
    const words = ["--foreground", "--components=secrets", `--control-directory=${folder}`, ...unlocking];
    service = Bun.spawn(["gnome-keyring-daemon", ...words], {
      env,
      stdin: as === "unlocked" ? new Blob([password]) : "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    await until(async () => (await probeSecretService(env, patienceMs)).kind === stateOf[as]);
  };
  const end = async (): Promise<void> => {
    await kill();
    bus.kill("SIGKILL");
    await bus.exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await start("unlocked");
  } catch (error) {
    await end();
    throw error;
  }
  return {
    env,
    stateDir: join(folder, "state"),
    kill,
    start,
    [Symbol.asyncDispose]: end,
  };
}

const stateOf = { unlocked: "ready", locked: "locked" } as const;

async function startBus(folder: string): Promise<Bun.Subprocess> {
  const config = join(folder, "bus.conf");
  writeFileSync(
    config,
    `<busconfig><type>session</type><listen>unix:path=${join(folder, "bus")}</listen><policy context="default">
<allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>`,
  );
  const bus = Bun.spawn(["dbus-daemon", `--config-file=${config}`, "--nofork", "--print-address=1"], {
    stdout: "pipe",
    stderr: "ignore",
  });
  await bus.stdout.getReader().read();
  return bus;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error("the Secret Service did not come up");
    await Bun.sleep(20);
  }
}
