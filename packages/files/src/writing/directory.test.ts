import { expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { testFolder } from "../testing/folder.ts";
import { ensureFolder, privateDirectory } from "./directory.ts";

const modeOf = (path: string) => statSync(path).mode & 0o777;

test("a folder and those above it are made for the owner only", () => {
  using folder = testFolder();
  expect(privateDirectory(folder.file("a/b"))).toEqual({ ok: true, value: undefined });
  expect([modeOf(folder.file("a")), modeOf(folder.file("a/b"))]).toEqual([0o700, 0o700]);
});

test("a folder that is there is left as it is where it is not this program's own", () => {
  using folder = testFolder();
  mkdirSync(folder.file("a"));
  chmodSync(folder.file("a"), 0o755);
  expect(ensureFolder(folder.file("a/b")).ok).toBe(true);
  expect([modeOf(folder.file("a")), modeOf(folder.file("a/b"))]).toEqual([0o755, 0o700]);
  writeFileSync(folder.file("file"), "");
  expect(ensureFolder(folder.file("file/b"))).toMatchObject({
    ok: false,
    problem: "system",
    system: "ENOTDIR",
  });
});

test("a folder that others may enter is tightened", () => {
  using folder = testFolder();
  mkdirSync(folder.file("a"));
  chmodSync(folder.file("a"), 0o755);
  expect(privateDirectory(folder.file("a")).ok).toBe(true);
  expect(modeOf(folder.file("a"))).toBe(0o700);
});

test("a link, to a folder or to nowhere, with or without a slash, is refused and what it leads to is left", () => {
  using folder = testFolder();
  mkdirSync(folder.file("real"), { mode: 0o755 });
  symlinkSync(folder.file("real"), folder.file("link"));
  symlinkSync(folder.file("none"), folder.file("dangling"));
  for (const name of ["link", "link/", "dangling"])
    expect(privateDirectory(folder.file(name))).toMatchObject({ ok: false, problem: "link" });
  expect(modeOf(folder.file("real"))).toBe(0o755);
});

test("a file in its place, or above it, is refused with its path", () => {
  using folder = testFolder();
  writeFileSync(folder.file("a"), "");
  expect(privateDirectory(folder.file("a"))).toMatchObject({ ok: false, problem: "kind" });
  const refused = privateDirectory(folder.file("a/b"));
  expect(refused).toMatchObject({ ok: false, problem: "system", system: "ENOTDIR" });
  expect(refused.ok ? "" : refused.say).toContain(folder.file("a/b"));
});

test.skipIf(process.geteuid?.() !== 0)("another user's folder is refused", () => {
  using folder = testFolder();
  mkdirSync(folder.file("a"));
  chownSync(folder.file("a"), 4711, 4711);
  expect(privateDirectory(folder.file("a"))).toMatchObject({ ok: false, problem: "owner" });
});
