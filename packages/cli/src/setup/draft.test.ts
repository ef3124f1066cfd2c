import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dropDraft, readDraft, saveDraft } from "./draft.ts";

function stateDir() {
  const dir = mkdtempSync(join(tmpdir(), "carapace-draft-"));
  const file = join(dir, "setup-draft.json");
  return { dir, file, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

const nowMs = Date.UTC(2026, 10, 1);
const dayMs = 24 * 60 * 60 * 1000;
const draft = {
  provider: "ollama",
  model: "ollama:qwen3",
  port: 4000,
  settings: { baseUrl: "http://box:11434" },
};

test("what was answered comes back for a day, from an owner-only file", () => {
  using at = stateDir();
  saveDraft(at.dir, draft, nowMs);
  expect(statSync(at.file).mode & 0o777).toBe(0o600);
  expect(readDraft(at.dir, nowMs + dayMs)).toEqual(draft);
  expect(readDraft(at.dir, nowMs + dayMs + 1)).toBeUndefined();
  expect(readDraft(at.dir, nowMs - 1)).toBeUndefined();
  saveDraft(at.dir, { ...draft, port: 5000 }, nowMs);
  expect(readDraft(at.dir, nowMs)?.port).toBe(5000);
});

test("a dropped draft is gone, and dropping none is no fault", () => {
  using at = stateDir();
  saveDraft(at.dir, draft, nowMs);
  dropDraft(at.dir);
  dropDraft(at.dir);
  expect(existsSync(at.file)).toBe(false);
  expect(readDraft(at.dir, nowMs)).toBeUndefined();
});

test.each([
  ["", "empty"],
  ["{", "cut off"],
  ["[]", "no object"],
  [`{"version":2,"savedAtMs":${nowMs},"answers":{}}`, "of another version"],
  [`{"version":1,"savedAtMs":${nowMs},"answers":{"apiKey":"x"}}`, "with a key that none has"],
  [`{"version":1,"savedAtMs":${nowMs},"answers":{"port":0}}`, "with a port that is none"],
  [`{"version":1,"savedAtMs":${nowMs},"answers":{"settings":{"a":1}}}`, "with a setting that is no text"],
  [" ".repeat(70_000), "too large"],
])("a draft that is not ours is none: %#", (text) => {
  using at = stateDir();
  writeFileSync(at.file, text, { mode: 0o600 });
  expect(readDraft(at.dir, nowMs)).toBeUndefined();
});

test("a draft that others could read, or that is a link, is none", () => {
  using at = stateDir();
  saveDraft(at.dir, draft, nowMs);
  chmodSync(at.file, 0o644);
  expect(readDraft(at.dir, nowMs)).toBeUndefined();
  dropDraft(at.dir);
  writeFileSync(join(at.dir, "else"), JSON.stringify({ version: 1, savedAtMs: nowMs, answers: draft }));
  symlinkSync(join(at.dir, "else"), at.file);
  expect(readDraft(at.dir, nowMs)).toBeUndefined();
  saveDraft(at.dir, { port: 1 }, nowMs);
  expect(readFileSync(join(at.dir, "else"), "utf8")).toContain("qwen3");
});

test("an address with a sign-in in it is not kept", () => {
  using at = stateDir();
  saveDraft(at.dir, { settings: { baseUrl: "https://me:secret@host/" } }, nowMs);
  expect(existsSync(at.file)).toBe(false);
});
