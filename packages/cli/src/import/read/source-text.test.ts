import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, linkSync, mkdirSync, symlinkSync } from "node:fs";
import { sourceHome } from "../../../testing/source-home.ts";
import { isThere, maxSourceBytes, readSourceText } from "./source-text.ts";

const isRoot = process.geteuid?.() === 0;

test("a file is read, without its byte order mark", () => {
  using home = sourceHome({ a: "\uFEFFtext" });
  expect(readSourceText(home.file("a"), false)).toEqual({ ok: true, value: { text: "text" } });
});

test("a link is followed where its owner made it, and told; nowhere else", () => {
  using home = sourceHome({ "dotfiles/a": "text" });
  symlinkSync(home.file("dotfiles/a"), home.file("link"));
  expect(isThere(home.file("link"))).toBe(true);
  expect(readSourceText(home.file("link"), true)).toEqual({
    ok: true,
    value: { text: "text", target: home.file("dotfiles/a") },
  });
  expect(readSourceText(home.file("link"), false)).toMatchObject({
    ok: false,
    say: expect.stringContaining("is a symbolic link"),
  });
});

test("a link that leads nowhere, or round, is told", () => {
  using home = sourceHome();
  symlinkSync(home.file("none"), home.file("dangling"));
  symlinkSync(home.file("round"), home.file("round"));
  for (const name of ["dangling", "round"]) {
    expect(isThere(home.file(name))).toBe(true);
    expect(readSourceText(home.file(name), true)).toMatchObject({ ok: false });
  }
});

test("a pipe is not waited for, and what a link leads to is held to the same rules", () => {
  using home = sourceHome();
  execFileSync("mkfifo", [home.file("pipe")]);
  symlinkSync(home.file("pipe"), home.file("link"));
  for (const name of ["pipe", "link"]) {
    expect(readSourceText(home.file(name), true)).toMatchObject({
      ok: false,
      say: expect.stringContaining("is not a regular file"),
    });
  }
});

test("a folder is not there, as files go", () => {
  using home = sourceHome();
  mkdirSync(home.file("dir"));
  expect([isThere(home.file("dir")), isThere(home.file("none")), isThere(home.file("none/below"))]).toEqual([
    false,
    false,
    false,
  ]);
});

test("a file that is too large, or not UTF-8, is refused", () => {
  using home = sourceHome({
    large: "x".repeat(maxSourceBytes + 1),
    bytes: new Uint8Array([0x7b, 0xff, 0x7d]),
  });
  const say = (name: string) => {
    const read = readSourceText(home.file(name), true);
    return read.ok ? undefined : read.say;
  };
  expect(say("large")).toContain("is larger than 1048576 bytes");
  expect(say("bytes")).toContain("is not UTF-8");
});

// The administrator's files may have many names: package managers link them.
test.skipIf(isRoot)("a file with a second name is refused", () => {
  using home = sourceHome({ one: "{}" });
  linkSync(home.file("one"), home.file("two"));
  expect(readSourceText(home.file("one"), true)).toMatchObject({
    ok: false,
    say: expect.stringContaining("second name"),
  });
});

test.skipIf(!isRoot)("another user's file is refused", () => {
  using home = sourceHome({ a: "{}" });
  chownSync(home.file("a"), 4711, 4711);
  expect(readSourceText(home.file("a"), true)).toMatchObject({
    ok: false,
    say: expect.stringContaining("belongs to another user"),
  });
});

test.skipIf(isRoot)("a file that may not be read is told", () => {
  using home = sourceHome({ a: "{}" });
  chmodSync(home.file("a"), 0);
  expect(readSourceText(home.file("a"), true)).toMatchObject({
    ok: false,
    say: expect.stringContaining("EACCES"),
  });
});
