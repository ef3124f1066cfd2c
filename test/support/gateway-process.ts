import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRecord } from "@carapace/protocol";
import { freePort } from "../../packages/cli/testing/port.ts";

export const root = join(import.meta.dir, "..", "..");

/** A gateway in a process of its own, started as a user starts it. */
export interface GatewayProcess extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly stateDir: string;
  readonly env: Record<string, string>;
  /** From exec to the first 200 of `/health` (it lives) and of `/health/ready` (it takes messages), ms. */
  readonly healthMs: number;
  readonly readyMs: number;
  readonly token: string;
  /** Resident memory now, MiB (Linux). */
  rssMiB(): number;
  /** Processor time of all its threads so far, in steps of 10 ms (Linux). */
  cpuMs(): number;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

export interface ProcessOptions {
  readonly config?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  /** A state directory to go on with; it is not removed at the end. */
  readonly stateDir?: string;
}

const token = "a-token-for-tests-of-forty-characters-00";

/** A caller's own keys of `gateway` stand beside those of every test. */
function withGateway(config: Record<string, unknown>, gateway: Record<string, unknown>) {
  return { ...config, gateway: { ...gateway, ...(isRecord(config["gateway"]) ? config["gateway"] : {}) } };
}

export async function startGatewayProcess(options: ProcessOptions = {}): Promise<GatewayProcess> {
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), "carapace-gateway-"));
  const gateway = {
    auth: { mode: "token", token },
    ws: { messageRate: 1e9, messageBurst: 1e9, maxConnections: 2048 },
  };
  writeFileSync(join(stateDir, "carapace.json"), JSON.stringify(withGateway(options.config ?? {}, gateway)), {
    mode: 0o600,
  });
  const port = await freePort();
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: stateDir,
    CARAPACE_STATE_DIR: stateDir,
    CARAPACE_CREDENTIAL_STORE: "off",
    ...options.env,
  };
  const startedAt = performance.now();
  const child = Bun.spawn([join(root, "cara"), "start", "--port", String(port)], {
    env,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const healthMs = await untilOk(`http://127.0.0.1:${port}/health`, startedAt, child);
  const readyMs = await untilOk(`http://127.0.0.1:${port}/health/ready`, startedAt, child);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await child.exited;
  };
  return {
    port,
    url: `ws://127.0.0.1:${port}/ws`,
    stateDir,
    env,
    healthMs,
    readyMs,
    token,
    cpuMs: () => cpuMsOf(child.pid),
    rssMiB: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? Number.NaN) /
      1024,
    kill: () => end("SIGKILL"),
    async [Symbol.asyncDispose]() {
      await end("SIGTERM");
      if (options.stateDir === undefined) rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

async function untilOk(
  url: string,
  startedAt: number,
  child: Bun.Subprocess<"ignore", "ignore", "pipe">,
): Promise<number> {
  while (performance.now() - startedAt < 20_000) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.status === 200) return performance.now() - startedAt;
    if (child.exitCode !== null)
      throw new Error(`cara start ended with ${child.exitCode}: ${await child.stderr.text()}`);
    await Bun.sleep(1);
  }
  throw new Error(`no 200 from ${url} in 20 s`);
}

/** Behind the name in brackets: user and system time are the 14th and 15th field, in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
