import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acquireInstanceLock } from "./instance.ts";
import { readPidFile, writePidFile } from "./pid-file.ts";

async function directory() {
  const dir = await mkdtemp(join(tmpdir(), "carapace-lock-"));
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

async function acquired(dir: string) {
  const lock = await acquireInstanceLock(dir);
  if (!lock.ok) throw new Error(lock.say);
  return lock.value;
}

test("the lock is taken once, names its holder and can be taken again after it was given back", async () => {
  await using at = await directory();
  const first = await acquired(at.dir);
  await first.announce(process.pid);
  const refused = await acquireInstanceLock(at.dir);
  expect(refused).toMatchObject({ ok: false, code: "conflict", details: { pid: process.pid, dir: at.dir } });
  expect(refused.ok ? "" : refused.say).toContain(`pid ${process.pid}`);
  await first[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  expect(readPidFile(at.dir)).toBeUndefined();
  await using second = await acquired(at.dir);
  expect(second).toBeDefined();
});

test("a lock nobody keeps a reference to is still held after the garbage was collected", async () => {
  await using at = await directory();
  await acquireInstanceLock(at.dir);
  Bun.gc(true);
  await new Promise((resolve) => setImmediate(resolve));
  Bun.gc(true);
  expect(await acquireInstanceLock(at.dir)).toMatchObject({ ok: false, code: "conflict" });
});

test("the lock file is private and stays, the pid file is private and goes", async () => {
  await using at = await directory();
  const lock = await acquired(at.dir);
  await lock.announce(4321);
  expect(await readFile(join(at.dir, "daemon.pid"), "utf8")).toBe("4321\n");
  expect((await stat(join(at.dir, "daemon.pid"))).mode & 0o777).toBe(0o600);
  await lock[Symbol.asyncDispose]();
  expect((await stat(join(at.dir, ".matrix-rekey.lock.lock"))).mode & 0o777).toBe(0o600);
  await expect(stat(join(at.dir, "daemon.pid"))).rejects.toThrow();
});

test("a process that was killed, and the children it left behind, do not hold the lock", async () => {
  await using at = await directory();
  const holder = Bun.spawn(
    [process.execPath, "--no-install", join(import.meta.dir, "testing", "holder.ts"), at.dir],
    {
      stdout: "pipe",
      stderr: "inherit",
    },
  );
  const reader = holder.stdout.getReader();
  const line = new TextDecoder().decode((await reader.read()).value);
  const orphan = Number(line);
  expect(orphan).toBeGreaterThan(1);
  expect(await acquireInstanceLock(at.dir)).toMatchObject({ ok: false, details: { pid: holder.pid } });
  holder.kill("SIGKILL");
  await holder.exited;
  try {
    await using lock = await acquired(at.dir);
    expect(lock).toBeDefined();
  } finally {
    process.kill(orphan, "SIGKILL");
  }
});

test("a pid file left by a crash does not block, whoever has that number now, and is overwritten", async () => {
  await using at = await directory();
  const stranger = Bun.spawn(["sleep", "30"]);
  try {
    await writePidFile(at.dir, stranger.pid);
    await using lock = await acquired(at.dir);
    await lock.announce(process.pid);
    expect(readPidFile(at.dir)).toBe(process.pid);
  } finally {
    stranger.kill("SIGKILL");
    await stranger.exited;
  }
});

test.each(["", "garbage", "1", "0", "-5", "12 34", "9".repeat(5000)])(
  "a pid file that holds %j counts as none",
  async (content) => {
    await using at = await directory();
    await writeFile(join(at.dir, "daemon.pid"), content);
    expect(readPidFile(at.dir)).toBeUndefined();
    await using lock = await acquired(at.dir);
    expect(lock).toBeDefined();
  },
);

test("symlinks in place of the lock or the pid file are refused and not followed", async () => {
  await using at = await directory();
  const victim = join(at.dir, "victim");
  await writeFile(victim, "77777");
  await symlink(victim, join(at.dir, "daemon.pid"));
  expect(readPidFile(at.dir)).toBeUndefined();
  await expect(writePidFile(at.dir, 5)).rejects.toMatchObject({ code: "unsafe_path" });
  await symlink(victim, join(at.dir, ".matrix-rekey.lock.lock"));
  await expect(acquireInstanceLock(at.dir)).rejects.toMatchObject({ code: "unsafe_path" });
  expect(await readFile(victim, "utf8")).toBe("77777");
});
