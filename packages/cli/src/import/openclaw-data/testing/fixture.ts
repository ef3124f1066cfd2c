import { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import { cpSync, lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const fixtures = join(import.meta.dir, "..", "..", "..", "..", "..", "..", "test", "fixtures", "openclaw");

/** Versions there are fixtures of, and their state directories. */
export const versions = {
  "clawdbot-2026.1.24-3": ".clawdbot",
  "openclaw-2026.5.28": ".openclaw",
  "openclaw-2026.9.6": ".openclaw",
} as const;
export type Version = keyof typeof versions;

/** A home directory with what one version wrote. */
export interface FixtureHome extends Disposable {
  readonly home: string;
  /** The state directory. */
  readonly dir: string;
  /** Changes with every change to any file. */
  fingerprint(): string;
}

const Tables = z.record(
  z.string(),
  z.object({
    columns: z.array(z.tuple([z.string(), z.string()])),
    rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
  }),
);
export type Tables = z.infer<typeof Tables>;

/** A copy of a fixture; its databases are made of their tables. */
export function fixtureHome(version: Version): FixtureHome {
  const found = emptyHome(versions[version]);
  cpSync(join(fixtures, version), found.home, { recursive: true });
  for (const path of readdirSync(found.home, { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".sqlite.json")) continue;
    const source = join(found.home, path);
    makeDatabase(source.replace(/\.json$/, ""), Tables.parse(JSON.parse(readFileSync(source, "utf8"))));
    rmSync(source);
  }
  return found;
}

/** A home directory without anything. */
export function emptyHome(name = ".openclaw"): FixtureHome {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "carapace-openclaw-")));
  return {
    home,
    dir: join(home, name),
    fingerprint: () => fingerprintOf(home),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** Writes a database as that program keeps it: the newest changes lie in its log. */
export function makeDatabase(file: string, tables: Tables): void {
  const db = new Database(file, { create: true });
  db.run("PRAGMA journal_mode = WAL");
  for (const [name, { columns, rows }] of Object.entries(tables)) {
    db.run(`CREATE TABLE "${name}" (${columns.map(([column, type]) => `"${column}" ${type}`).join(", ")})`);
    const insert = db.query(`INSERT INTO "${name}" VALUES (${columns.map(() => "?").join(", ")})`);
    for (const row of rows) insert.run(...row);
  }
  // Closing would take the log in: it is kept as a program that was killed leaves it.
  cpSync(file, `${file}.kept`);
  cpSync(`${file}-wal`, `${file}.kept-wal`);
  db.close();
  for (const end of ["", "-wal"]) cpSync(`${file}.kept${end}`, `${file}${end}`);
  for (const end of ["", "-wal"]) rmSync(`${file}.kept${end}`);
}

function fingerprintOf(dir: string): string {
  const hash = createHash("sha256");
  for (const path of readdirSync(dir, { recursive: true, encoding: "utf8" }).sort()) {
    const facts = lstatSync(join(dir, path));
    hash.update(`${path} ${facts.size} ${facts.mtimeMs} ${facts.mode}\n`);
    if (facts.isFile()) hash.update(readFileSync(join(dir, path)));
  }
  return hash.digest("hex");
}
