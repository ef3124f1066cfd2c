import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, linkSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { testFolder } from "../testing/folder.ts";
import { checkPrivate, type ReadOptions, readPrivate } from "./read.ts";

const secret: ReadOptions = { maxBytes: 10, mode: "refuse" };
const isRoot = process.geteuid?.() === 0;

function written(path: string, text = "secret", mode = 0o600): string {
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test("an own file is read, one that is missing is none", () => {
  using folder = testFolder();
  const read = readPrivate(written(folder.file("a")), secret);
  expect(read.ok && Buffer.from(read.value ?? []).toString()).toBe("secret");
  expect(readPrivate(folder.file("b"), secret)).toEqual({ ok: true, value: undefined });
  expect(checkPrivate(folder.file("a"), "refuse")).toEqual({ ok: true, value: 6 });
  expect(checkPrivate(folder.file("b"), "refuse")).toEqual({ ok: true, value: undefined });
});

test("an empty file, and one of exactly the size allowed, are read", () => {
  using folder = testFolder();
  const empty = readPrivate(written(folder.file("empty"), ""), secret);
  expect(empty.ok && empty.value?.length).toBe(0);
  const full = readPrivate(written(folder.file("full"), "x".repeat(10)), secret);
  expect(full.ok && full.value?.length).toBe(10);
});

test("a file of the system, whose size is told as 0, is read up to the limit", () => {
  if (process.platform !== "linux") return;
  const read = readPrivate("/proc/version", { maxBytes: 4096, mode: "any" });
  // Root's, and so trusted only where files may be shared.
  expect(read.ok && Buffer.from(read.value ?? []).toString()).toStartWith("Linux");
  expect(readPrivate("/proc/version", { maxBytes: 5, mode: "any" })).toMatchObject({ problem: "size" });
});

test("a file that is too large is refused", () => {
  using folder = testFolder();
  const path = written(folder.file("a"), "x".repeat(11));
  expect(readPrivate(path, secret)).toMatchObject({ ok: false, problem: "size" });
});

test("a secret that others may open is refused with the command that mends it, and stays as it is", () => {
  using folder = testFolder();
  const path = written(folder.file("it's here"), "secret", 0o640);
  const refused = readPrivate(path, secret);
  expect(refused).toMatchObject({ ok: false, code: "unavailable", problem: "mode" });
  expect(refused.ok ? "" : refused.say).toContain(`chmod 600 '${path.replace("'", "'\\''")}'`);
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

test("a private file that others may open is tightened if asked, and left if it may be shared", () => {
  using folder = testFolder();
  const path = written(folder.file("a"), "text", 0o644);
  expect(readPrivate(path, { maxBytes: 10, mode: "any" }).ok).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o644);
  expect(checkPrivate(path, "tighten").ok).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a symbolic link is refused, also one that leads nowhere", () => {
  using folder = testFolder();
  symlinkSync(written(folder.file("a")), folder.file("link"));
  symlinkSync(folder.file("none"), folder.file("dangling"));
  for (const name of ["link", "dangling"]) {
    const refused = readPrivate(folder.file(name), { maxBytes: 10, mode: "any" });
    expect(refused).toMatchObject({ ok: false, problem: "link", why: "is a symbolic link" });
    expect(refused.ok ? "" : refused.say).toStartWith(`${folder.file(name)} is a symbolic link: `);
  }
});

test("a hard link is refused under both names", () => {
  using folder = testFolder();
  linkSync(written(folder.file("a")), folder.file("b"));
  expect(readPrivate(folder.file("a"), secret)).toMatchObject({ ok: false, problem: "names" });
  expect(checkPrivate(folder.file("b"), "tighten")).toMatchObject({ ok: false, problem: "names" });
});

test("a folder and a pipe are refused, not read or waited for", () => {
  using folder = testFolder();
  mkdirSync(folder.file("dir"));
  execFileSync("mkfifo", ["-m", "600", folder.file("pipe")]);
  expect(readPrivate(folder.file("dir"), secret)).toMatchObject({ ok: false, problem: "kind" });
  expect(readPrivate(folder.file("pipe"), secret)).toMatchObject({ ok: false, problem: "kind" });
});

test("what the system says is told by its code", () => {
  using folder = testFolder();
  written(folder.file("a"));
  const refused = readPrivate(folder.file("a/below"), secret);
  expect(refused).toMatchObject({ ok: false, problem: "system", system: "ENOTDIR" });
  expect(refused.ok ? "" : refused.say).toContain("cannot be opened (ENOTDIR)");
});

test.skipIf(!isRoot)("another user's file is refused", () => {
  using folder = testFolder();
  const path = written(folder.file("a"), "text", 0o644);
  chownSync(path, 4711, 4711);
  for (const mode of ["refuse", "tighten", "any"] as const) {
    const refused = readPrivate(path, { maxBytes: 10, mode });
    expect(refused).toMatchObject({ ok: false, problem: "owner" });
    expect(refused.ok ? "" : refused.say).toContain("belongs to another user (uid 4711)");
  }
});
