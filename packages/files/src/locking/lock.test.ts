import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { testFolder } from "../testing/folder.ts";
import { attempt } from "./flock.ts";
import { lockFile } from "./lock.ts";

async function locked(path: string) {
  const lock = await lockFile(path);
  if (!lock.ok) throw new Error(lock.say);
  return lock.value;
}

async function holder(path: string) {
  const program = new URL("../testing/lock-holder.ts", import.meta.url).pathname;
  const child = Bun.spawn([process.execPath, "--no-install", program, path], { stdout: "pipe" });
  const reader = child.stdout.getReader();
  const orphan = Number(new TextDecoder().decode((await reader.read()).value));
  expect(orphan).toBeGreaterThan(1);
  return { child, orphan };
}

test("a lock is held once, also within a process, and can be taken again after it was given back", async () => {
  using folder = testFolder();
  const path = folder.file("a.lock");
  const first = await locked(path);
  const refused = await lockFile(path);
  expect(refused).toMatchObject({ ok: false, code: "unavailable", problem: "held" });
  expect(refused.ok ? "" : refused.say).toContain(path);
  first[Symbol.dispose]();
  using second = await locked(path);
  // Giving it back twice must not close what has the number by now.
  first[Symbol.dispose]();
  expect(await lockFile(path)).toMatchObject({ problem: "held" });
  expect(second.path).toBe(path);
});

test("a lock nobody keeps a reference to is still held after the garbage was collected", async () => {
  using folder = testFolder();
  await lockFile(folder.file("a.lock"));
  Bun.gc(true);
  await new Promise((resolve) => setImmediate(resolve));
  Bun.gc(true);
  expect(await lockFile(folder.file("a.lock"))).toMatchObject({ problem: "held" });
});

test("a lock held elsewhere is waited for until it is free", async () => {
  using folder = testFolder();
  const first = await locked(folder.file("a.lock"));
  const waiting = lockFile(folder.file("a.lock"), { waitMs: 10_000 });
  expect(await lockFile(folder.file("a.lock"), { waitMs: 30 })).toMatchObject({ problem: "held" });
  first[Symbol.dispose]();
  const second = await waiting;
  expect(second.ok).toBe(true);
  if (second.ok) second.value[Symbol.dispose]();
});

test("a process that was killed, and the children it left behind, hold nothing", async () => {
  using folder = testFolder();
  const { child, orphan } = await holder(folder.file("a.lock"));
  try {
    expect(await lockFile(folder.file("a.lock"))).toMatchObject({ problem: "held" });
    child.kill("SIGKILL");
    await child.exited;
    using lock = await locked(folder.file("a.lock"));
    expect(existsSync(lock.path)).toBe(true);
  } finally {
    process.kill(orphan, "SIGKILL");
  }
});

test("the lock file is made or tightened for the owner only, stays, and keeps its content", async () => {
  using folder = testFolder();
  writeFileSync(folder.file("wide.lock"), "text");
  chmodSync(folder.file("wide.lock"), 0o666);
  for (const name of ["wide.lock", "new.lock"]) {
    (await locked(folder.file(name)))[Symbol.dispose]();
    expect(statSync(folder.file(name)).mode & 0o777).toBe(0o600);
  }
  expect(statSync(folder.file("wide.lock")).size).toBe(4);
});

test("a lock file that was removed while it was held keeps nobody out", async () => {
  using folder = testFolder();
  using _first = await locked(folder.file("a.lock"));
  rmSync(folder.file("a.lock"));
  using second = await locked(folder.file("a.lock"));
  expect(existsSync(second.path)).toBe(true);
});

test("a link, a hard link and a folder in place of the lock are refused", async () => {
  using folder = testFolder();
  writeFileSync(folder.file("target"), "", { mode: 0o600 });
  symlinkSync(folder.file("target"), folder.file("link.lock"));
  writeFileSync(folder.file("one.lock"), "", { mode: 0o600 });
  linkSync(folder.file("one.lock"), folder.file("two.lock"));
  mkdirSync(folder.file("dir.lock"));
  expect(await lockFile(folder.file("link.lock"))).toMatchObject({ ok: false, problem: "link" });
  expect(await lockFile(folder.file("two.lock"))).toMatchObject({ ok: false, problem: "names" });
  expect(await lockFile(folder.file("dir.lock"))).toMatchObject({ ok: false, problem: "kind" });
  expect(await lockFile(folder.file("none/a.lock"))).toMatchObject({ problem: "system", system: "ENOENT" });
});

test("an attempt that a signal interrupts is made again; only a busy lock counts as held", () => {
  const busy = process.platform === "darwin" ? 35 : 11;
  const answers = [4, 4, 0];
  let last = 0;
  const next = () => {
    last = answers.shift() ?? 0;
    return last === 0 ? 0 : -1;
  };
  expect(attempt(next, () => last)).toBe("locked");
  expect(answers).toEqual([]);
  expect(
    attempt(
      () => -1,
      () => busy,
    ),
  ).toBe("held");
  expect(
    attempt(
      () => -1,
      () => 37,
    ),
  ).toEqual({ errno: 37 });
});
