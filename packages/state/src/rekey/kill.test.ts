import { expect, test } from "bun:test";
import { cpSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finishPendingChange } from "../pending.ts";
import { rekeyState } from "./rekey.ts";
import { contentOf, fullState, namesIn } from "./testing/full-state.ts";

const child = join(import.meta.dir, "testing", "dying-rekey.ts");
const keyText = (dir: string) => Bun.file(join(dir, "state.key")).text();

/** @param fileBlocks No file may become larger than so many blocks of 512 bytes, as if the disk were full. */
async function run(dir: string, [kind, at]: readonly [string, string], fileBlocks?: number) {
  const limit = fileBlocks === undefined ? "" : `ulimit -f ${fileBlocks}; `;
  const words = [process.execPath, "--no-install", "--no-env-file", child, dir, kind, at];
  const spawned = Bun.spawn(["sh", "-c", `${limit}exec "$@"`, "sh", ...words], {
    env: {},
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([spawned.stdout.text(), spawned.stderr.text(), spawned.exited]);
  return { stdout, stderr, signal: spawned.signalCode, code: spawned.exitCode };
}

/** A state to kill again and again: `reset` puts back what it was. */
async function victim() {
  const at = await fullState();
  const copy = mkdtempSync(join(tmpdir(), "carapace-rekey-copy-"));
  cpSync(at.dir, copy, { recursive: true });
  return {
    at,
    reset() {
      rmSync(at.dir, { recursive: true });
      cpSync(copy, at.dir, { recursive: true });
    },
    [Symbol.dispose]() {
      at[Symbol.dispose]();
      rmSync(copy, { recursive: true });
    },
  };
}

test("killed at any step and in any phase, exactly the old or exactly the new opens, whole, and it can be run again", async () => {
  using given = await victim();
  const { at } = given;
  const old = await keyText(at.dir);
  const before = await contentOfClosed(at);
  const whole = await run(at.dir, ["none", ""]);
  const count = Number(whole.stdout.split(" ")[0]);
  expect(count).toBeGreaterThan(15);
  const phases = ["copy", "check", "encrypt", "seal", "check again", "swap"].map((name) => ["phase", name]);
  const steps = Array.from({ length: count }, (_, n) => ["step", String(n)]);
  const seen = new Set<string>();
  for (const [kind = "", name = ""] of [...phases, ...steps]) {
    given.reset();
    const { signal } = await run(at.dir, [kind, name]);
    if (signal === null) continue;
    expect(signal).toBe("SIGKILL");
    finishPendingChange(at.dir);
    seen.add((await keyText(at.dir)) === old ? "old" : "new");
    expect(await contentOfClosed(at)).toEqual(before);
    expect(namesIn(at.dir)).toEqual(["state.db", "state.key"]);
  }
  expect([...seen].sort()).toEqual(["new", "old"]);
  await rekeyState({ dir: at.dir, keys: at.keys(), passwords: undefined, nowMs: () => 1 });
  expect(await contentOfClosed(at)).toEqual(before);
}, 60_000);

test("when no file can grow any more, nothing is changed, nothing is left, and the sentence says why", async () => {
  using given = await victim();
  const { at } = given;
  const old = await keyText(at.dir);
  const before = await contentOfClosed(at);
  const blocks = Math.ceil(statSync(join(at.dir, "state.db")).size / 512);
  for (const limit of [blocks >> 1, blocks - 8]) {
    const { stderr, code } = await run(at.dir, ["none", ""], limit);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/disk is full|larger than this process may write/);
    expect(namesIn(at.dir)).toEqual(["state.db", "state.key"]);
    expect(await keyText(at.dir)).toBe(old);
  }
  expect(await contentOfClosed(at)).toEqual(before);
}, 60_000);

async function contentOfClosed(at: Awaited<ReturnType<typeof fullState>>) {
  await using state = await at.open();
  expect(await state.verify()).toEqual([]);
  return await contentOf(state);
}
