import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finishTogether } from "./finish.ts";
import { before, type Home, oldState, outsideOf, tree } from "./testing/old-state.ts";

const hostile: readonly unknown[] = [
  "",
  "{",
  "null",
  { version: 2, decisions: [] },
  { version: 1, decisions: {} },
  { version: 1, decisions: [null] },
  { version: 1, decisions: [{ to: 1 }] },
  ...[
    { to: "../victim", from: "x" },
    { to: "../victim" },
    { to: "section/../../victim" },
    { to: "/etc/passwd" },
    { to: "C:/victim" },
    { to: "a\\..\\victim" },
    { to: "" },
    { to: "." },
    { to: "a//b" },
    { to: "a\0b" },
    { to: "pending-change/x" },
    { to: "pending-change.json" },
    { to: "key", from: "../key" },
    { to: "key", from: "../../victim" },
    { to: "key", from: "/etc/passwd" },
    { to: "x".repeat(2000) },
  ].map((decision) => ({ version: 1, decisions: [decision] })),
  { version: 1, decisions: [{ to: "key" }, { to: "key" }] },
  { version: 1, decisions: [{ to: "section" }, { to: "section/a" }] },
];

test.each(hostile.map((record) => [record]))("the record %j is refused and nothing is touched", (record) => {
  using home = oldState();
  writeFileSync(home.file("victim"), "untouched", { mode: 0o600 });
  mkdirSync(join(home.dir, "pending-change"), { mode: 0o700 });
  writeFileSync(join(home.dir, "pending-change/x"), "x", { mode: 0o600 });
  const text = typeof record === "string" ? record : JSON.stringify(record);
  writeFileSync(join(home.dir, "pending-change.json"), text, { mode: 0o600 });
  const found = tree(home.path);
  const refused = finishTogether(home.dir, outsideOf(home));
  expect(refused.ok).toBe(false);
  expect(refused.ok ? "" : refused.say).toContain("pending-change.json");
  expect(tree(home.path)).toEqual(found);
});

function decided(home: Home, decisions: readonly object[]): void {
  const text = JSON.stringify({ version: 1, decisions });
  writeFileSync(join(home.dir, "pending-change.json"), text, { mode: 0o600 });
}

test("a record that leads through a link, or whose staging folder is one, is refused", () => {
  for (const decision of [
    { to: "out/victim", from: "x" },
    { to: "out/victim" },
    { to: "key", from: "out/victim" },
  ]) {
    using home = oldState();
    const elsewhere = home.file("elsewhere");
    mkdirSync(join(home.dir, "pending-change"), { mode: 0o700 });
    mkdirSync(elsewhere, { mode: 0o700 });
    writeFileSync(join(elsewhere, "victim"), "untouched");
    writeFileSync(join(home.dir, "pending-change/x"), "x");
    symlinkSync(elsewhere, join(home.dir, "out"));
    symlinkSync(elsewhere, join(home.dir, "pending-change/out"));
    decided(home, [decision]);
    expect(finishTogether(home.dir)).toMatchObject({ ok: false, problem: "link" });
    expect(readFileSync(join(elsewhere, "victim"), "utf8")).toBe("untouched");
  }
  using home = oldState();
  symlinkSync(home.file("."), join(home.dir, "pending-change"));
  decided(home, [{ to: "key", from: "config" }]);
  expect(finishTogether(home.dir)).toMatchObject({ ok: false, problem: "link" });
  expect(readFileSync(home.config, "utf8")).toBe("old config");
});

test("a draft beside a file outside that is not one of ours is refused", () => {
  using home = oldState();
  writeFileSync(home.file("other"), "other", { mode: 0o600 });
  decided(home, [{ to: home.config, from: "other" }]);
  expect(finishTogether(home.dir, outsideOf(home)).ok).toBe(false);
  expect(readFileSync(home.config, "utf8")).toBe("old config");
});

test("a link in the staging folder's place is removed, and what it leads to is kept", () => {
  using home = oldState();
  symlinkSync(join(home.dir, "section"), join(home.dir, "pending-change"));
  expect(finishTogether(home.dir)).toEqual({ ok: true, value: "nothing" });
  expect(tree(home.path)).toEqual(before);
});

test("a record whose prepared files are gone says so and is kept", () => {
  using home = oldState();
  decided(home, [{ to: "gone", from: "x" }]);
  const refused = finishTogether(home.dir);
  expect(refused.ok ? "" : refused.say).toContain("restore a backup");
  expect(statSync(join(home.dir, "pending-change.json")).isFile()).toBe(true);
});

test("a pipe in the staging folder's place is refused, not waited for", async () => {
  using home = oldState();
  decided(home, []);
  await Bun.$`mkfifo ${join(home.dir, "pending-change")}`.quiet();
  // In a process of its own: one that waits for a pipe does not come back.
  const script = `const { finishTogether } = await import(${JSON.stringify(join(import.meta.dir, "finish.ts"))});
    console.log(JSON.stringify(finishTogether(${JSON.stringify(home.dir)})));`;
  const child = Bun.spawn([process.execPath, "-e", script], {
    stdout: "pipe",
    timeout: 5000,
    killSignal: "SIGKILL",
  });
  expect(JSON.parse(await child.stdout.text())).toMatchObject({ ok: false, system: "ENOTDIR" });
});
