import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noteLimits } from "@carapace/state/portable";
import { SourceFolder } from "../source/folder.ts";
import { emptyHome } from "../testing/fixture.ts";
import { isAsMade } from "./as-made.ts";
import { sectionsOf } from "./sections.ts";
import { notesOf, workspaceNotes } from "./workspace.ts";

const titlesOf = (markdown: string) => sectionsOf(markdown, 1000).map(({ title, text }) => [title, text]);

test("a file is cut at headings of two levels; those of code, and empty ones, are none", () => {
  const code = "```sh\n# not a heading\n```";
  expect(
    titlesOf(`before\n\n# One\n${code}\n### deeper\ntext\n## Two ##\nx\n# Empty\n\n# Last\r\ny`),
  ).toEqual([
    ["", "before"],
    ["One", `# One\n${code}\n### deeper\ntext`],
    ["Two", "## Two ##\nx"],
    ["Last", "# Last\ny"],
  ]);
  expect(titlesOf("")).toEqual([]);
});

test("what is too long for a note becomes several, cut at the ends of lines, and never inside a character", () => {
  const lines = Array.from({ length: 50 }, (_, at) => `line ${at} of them`).join("\n");
  const pieces = sectionsOf(lines, 100).map(({ text }) => text);
  expect(pieces.length).toBeGreaterThan(5);
  expect(pieces.join("\n")).toBe(lines);
  const wide = "世界👋🏽".repeat(40);
  const cut = sectionsOf(wide, 100).map(({ text }) => text);
  expect(cut.every((text) => Buffer.byteLength(text) <= 100)).toBe(true);
  expect(cut.join("")).toBe(wide);
});

test("each note has a key of its own, which is never too long nor steers a terminal", () => {
  const long = `# ${"世".repeat(500)}\nx\n`;
  const notes = notesOf("openclaw/M.md", `# A\nx\n# A\ny\n# \u001b[2Jevil\u0007\nz\n${long}${long}`);
  const keys = notes.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.slice(0, 2)).toEqual(["openclaw/M.md#A", "openclaw/M.md#A (2)"]);
  expect(keys.every((key) => Buffer.byteLength(key) <= noteLimits.maxKeyBytes)).toBe(true);
  expect(JSON.stringify(keys)).not.toMatch(/\\u00/);
});

function workspaceOf(files: Readonly<Record<string, string | Uint8Array>>) {
  const home = emptyHome();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(home.dir, name, ".."), { recursive: true });
    writeFileSync(join(home.dir, name), text);
  }
  return home;
}

test("notes lie in folders of folders, to a depth; whatever is no note is told", () => {
  using source = workspaceOf({
    "MEMORY.md": "top",
    "memory/a.md": "one",
    "memory/x/b.md": "two",
    "memory/x/y/c.md": "three",
    "memory/x/y/z/d.md": "four",
    "memory/state.json": "{}",
    "memory/.hidden/e.md": "five",
    "AGENTS.md": "rules",
    "other.md": "not ours to read",
  });
  const items = [...workspaceNotes(new SourceFolder(source.dir, "workspace"), "me")];
  const keys = items.flatMap((item) => (item.kind === "memory" ? item.notes.map(({ key }) => key) : []));
  expect(keys).toEqual([
    "openclaw/MEMORY.md",
    "openclaw/memory/a.md",
    "openclaw/memory/x/b.md",
    "openclaw/memory/x/y/c.md",
  ]);
  expect(items.flatMap((item) => (item.kind === "problem" ? [item.path] : []))).toEqual([
    "workspace/AGENTS.md",
    "workspace/memory/state.json",
    "workspace/memory/x/y/z",
  ]);
});

test("a file that is still as the program made it is known by its digest, whatever stands around its text", () => {
  const known = new Set([new Bun.CryptoHasher("sha256").update("# Hello\n\n---\n\nmore").digest("hex")]);
  expect(isAsMade("---\ntitle: x\n---\n\n# Hello\n\n---\n\nmore\n", known)).toBe(true);
  expect(isAsMade("# Hello\n\n---\n\nmore", known)).toBe(true);
  expect(isAsMade("# Hello\n\n---\n\nmore of mine", known)).toBe(false);
  expect(isAsMade("# Hello")).toBe(false);
});

test("a file that is too large or not UTF-8 is told and costs no other one", () => {
  using source = workspaceOf({
    "MEMORY.md": Buffer.from([0xff, 0xfe]),
    "USER.md": "x".repeat(4 * 1024 * 1024 + 1),
    "SOUL.md": "fine",
  });
  const items = [...workspaceNotes(new SourceFolder(source.dir), "me")];
  expect(items.map((item) => (item.kind === "problem" ? `${item.state} ${item.path}` : item.kind))).toEqual([
    "corrupt MEMORY.md",
    "memory",
    "corrupt USER.md",
  ]);
});
