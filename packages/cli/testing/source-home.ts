import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ImportSource } from "../src/import/types.ts";

/** What a source comes to there: its settings by our keys, and why the rest is left out. */
export function readSource(
  source: ImportSource,
  { home, cwd }: Pick<SourceHome, "home" | "cwd">,
  env: Record<string, string> = {},
) {
  const reading = source.read({ env, home, cwd });
  return {
    ...reading,
    values: Object.fromEntries(reading.mappings.map(({ key, value }) => [key, value])),
    reasons: Object.fromEntries(reading.skips.map(({ path, reason }) => [path, reason])),
  };
}

/** A home folder with files of another program, and a folder to be in; removed at the end. */
export interface SourceHome extends Disposable {
  readonly home: string;
  readonly cwd: string;
  file(path: string): string;
  write(path: string, content: string | Uint8Array | object): string;
}

/** @param files By path below the home folder; an object becomes JSON. `work` is the folder to be in. */
export function sourceHome(files: Readonly<Record<string, string | Uint8Array | object>> = {}): SourceHome {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "carapace-source-")));
  const cwd = join(home, "work");
  mkdirSync(cwd);
  const made: SourceHome = {
    home,
    cwd,
    file: (path) => join(home, path),
    write(path, content) {
      const full = join(home, path);
      mkdirSync(dirname(full), { recursive: true });
      const isRaw = typeof content === "string" || content instanceof Uint8Array;
      writeFileSync(full, isRaw ? content : JSON.stringify(content), { mode: 0o600 });
      return full;
    },
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
  for (const [path, content] of Object.entries(files)) made.write(path, content);
  return made;
}
