import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dir, "..", "..", "..");
export const launcher = join(root, "cara");

/** An empty home with an empty state directory, removed at the end. */
export interface Home extends Disposable {
  readonly folder: string;
  readonly stateDir: string;
  readonly env: Record<string, string>;
}

export function emptyHome(): Home {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "carapace-cli-")));
  const stateDir = join(folder, "state");
  return {
    folder,
    stateDir,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      CARAPACE_STATE_DIR: stateDir,
      // No test reads or changes the credentials of who runs it.
      CARAPACE_CREDENTIAL_STORE: "off",
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunAsk {
  readonly home: Home;
  readonly stdin?: string;
  readonly env?: Record<string, string>;
}

/** Runs the real `./cara` to its end. */
export async function runCara(words: readonly string[], { home, stdin, env }: RunAsk): Promise<Ran> {
  const child = Bun.spawn([launcher, ...words], {
    env: { ...home.env, ...env },
    cwd: home.folder,
    stdin: stdin === undefined ? "ignore" : new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}
