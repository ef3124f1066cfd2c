import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../packages/cli/testing/port.ts";
import { type MadeSecret, makeSecrets } from "../../packages/config/src/redaction/testing/secrets.ts";
import { root } from "../support/gateway-process.ts";
import type { Planted } from "../support/leaks.ts";

/** What was planted where: each input gets secrets of its own, so that a leak tells where it came from. */
export interface Garden {
  plant(input: string): readonly MadeSecret[];
  readonly planted: Planted[];
}

export function createGarden(seed: number): Garden {
  const planted: Planted[] = [];
  let inputs = 0;
  return {
    planted,
    plant(input) {
      inputs += 1;
      const made = makeSecrets(seed * 1000 + inputs);
      for (const { kind, cores } of made)
        planted.push(...cores.map((core) => ({ label: `${input}: ${kind}`, core })));
      return made;
    },
  };
}

/** A home with a state directory, and the environment that points there. */
export interface Place extends Disposable {
  readonly home: string;
  readonly stateDir: string;
  readonly configFile: string;
  readonly env: Record<string, string>;
}

export function openPlace(): Place {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "carapace-secrets-")));
  const stateDir = join(home, "state");
  return {
    home,
    stateDir,
    configFile: join(home, "carapace.json5"),
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      XDG_CONFIG_HOME: home,
      CARAPACE_STATE_DIR: stateDir,
      CARAPACE_CONFIG_PATH: join(home, "carapace.json5"),
      CARAPACE_CREDENTIAL_STORE: "off",
      // No bot is asked for outside of this machine; nobody listens there.
      TELEGRAM_BASE_URL: "http://127.0.0.1:1",
      DISCORD_BASE_URL: "http://127.0.0.1:1",
    },
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `./cara` to its end, or kills it after 15 s. */
export async function cara(words: readonly string[], place: Place, stdin = ""): Promise<Ran> {
  const child = Bun.spawn([join(root, "cara"), ...words], {
    env: place.env,
    cwd: place.home,
    stdin: new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
    timeout: 15_000,
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}

/** A gateway as `cara start` runs it, with everything it prints. */
export interface DrivenGateway extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** SIGTERM. @returns all of stdout and stderr */
  stop(): Promise<string>;
}

export async function startDriven(place: Place): Promise<DrivenGateway> {
  const port = await freePort();
  const child = Bun.spawn([join(root, "cara"), "start", "--port", String(port)], {
    env: { ...place.env, CARAPACE_LOG: "trace" },
    cwd: place.home,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let log = "";
  const collected = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) log += decoder.decode(chunk, { stream: true });
  })();
  const errors = child.stderr.text();
  const stop = async () => {
    child.kill("SIGTERM");
    await Promise.all([child.exited, collected]);
    return `${log}\n${await errors}`;
  };
  // Its readiness would wait for bots whose tokens are no tokens.
  for (const startedMs = performance.now(); !log.includes('"gateway ready"'); await Bun.sleep(5)) {
    if (child.exitCode !== null || performance.now() - startedMs > 15_000)
      throw new Error(`the gateway did not start: ${await stop()}`);
  }
  return {
    pid: child.pid,
    port,
    url: `ws://127.0.0.1:${port}/ws`,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

/** A model server that refuses every call and repeats secrets in its error. */
export function refusingVendor(secrets: readonly MadeSecret[]): Disposable & { readonly url: string } {
  let calls = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch() {
      const secret = secrets[calls++ % secrets.length];
      const error = { type: "invalid_request_error", message: `wrong key: ${secret?.text}` };
      return Response.json({ error }, { status: 400, headers: { "x-secret": "see body" } });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, [Symbol.dispose]: () => void server.stop(true) };
}

export function writeConfig(place: Place, text: string): void {
  writeFileSync(place.configFile, text, { mode: 0o600 });
}
