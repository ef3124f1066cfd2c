import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Environment } from "../types.ts";

/** A folder of a test's own; gone at the end of its scope. */
export interface TestFolder extends Disposable {
  readonly path: string;
  /** An environment whose configuration is `carapace.json5` in this folder. */
  readonly env: Environment;
  file(name: string): string;
  write(name: string, content: string | Uint8Array): string;
}

export function testFolder(files: Readonly<Record<string, string>> = {}): TestFolder {
  const path = mkdtempSync(join(tmpdir(), "carapace-config-"));
  const file = (name: string) => join(path, name);
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(file(name)), { recursive: true });
    writeFileSync(file(name), content);
    return file(name);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  const env = { HOME: path, CARAPACE_STATE_DIR: path, CARAPACE_CONFIG_PATH: file("carapace.json5") };
  return { path, env, file, write, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
