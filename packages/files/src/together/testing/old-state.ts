import { expect } from "bun:test";
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../../testing/folder.ts";

/** A directory with a file, a folder, a file that will go, and one file outside of it. */
export function oldState() {
  const home = testFolder();
  const dir = home.file("state");
  mkdirSync(join(dir, "section"), { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, "db"), "old db", { mode: 0o600 });
  writeFileSync(join(dir, "key"), "old key", { mode: 0o600 });
  writeFileSync(join(dir, "db-wal"), "old wal", { mode: 0o600 });
  writeFileSync(join(dir, "section/a"), "old a", { mode: 0o600 });
  const config = home.file("config");
  writeFileSync(config, "old config", { mode: 0o600 });
  return { ...home, dir, config };
}

export type Home = ReturnType<typeof oldState>;

export const outsideOf = (home: Home) => ({ outside: [home.config] });

/** Everything there is below a folder, with its content. */
export function tree(path: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(path, { recursive: true, encoding: "utf8" }).sort()) {
    const at = join(path, name);
    const facts = lstatSync(at);
    if (facts.isFile()) found[name] = readFileSync(at, "utf8");
    expect(facts.mode & 0o777).toBe(facts.isDirectory() ? 0o700 : facts.isFile() ? 0o600 : 0o777);
  }
  return found;
}

/** What `oldState` holds. */
export const before = {
  config: "old config",
  "state/db": "old db",
  "state/db-wal": "old wal",
  "state/key": "old key",
  "state/section/a": "old a",
};
