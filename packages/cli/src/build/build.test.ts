import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBuild } from "./build.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const line = (id: string) => `${"0".repeat(40)} ${id} A B <a@b.example> 1795364274 +0200\tclone: from there`;

/** A folder as Git keeps it. */
function gitFolder(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "carapace-build-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

test.each([
  ["a branch", { HEAD: "ref: refs/heads/main\n", "refs/heads/main": `${commit}\n` }],
  [
    "a packed branch",
    { HEAD: "ref: refs/heads/main\n", "packed-refs": `# pack\n${commit} refs/heads/main\n` },
  ],
  ["a commit of its own", { HEAD: `${commit}\n` }],
])("on %s the commit is known, and the day it was checked out", (_what, files) => {
  const log = `${line("f".repeat(40))}\n${line(commit)}\n`;
  using git = gitFolder({ ...files, "logs/HEAD": log });
  expect(readBuild(git.folder)).toEqual({ gitCommit: "0123456", buildDate: "2026-11-22" });
});

test("a day of another commit is none, and outside of Git nothing is known", () => {
  using git = gitFolder({ HEAD: commit, "logs/HEAD": line("f".repeat(40)) });
  expect(readBuild(git.folder)).toEqual({ gitCommit: "0123456", buildDate: "unknown" });
  expect(readBuild("/nonexistent")).toEqual({ gitCommit: "unknown", buildDate: "unknown" });
});
