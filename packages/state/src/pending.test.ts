import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testDirectory } from "./backup/testing/directory.ts";
import { finishPendingChange } from "./pending.ts";

test("what a killed drill left, its database with the key beside it, goes at the next start; what lives stays", async () => {
  using at = testDirectory();
  const dead = Bun.spawn([process.execPath, "--version"], { stdout: "ignore" });
  await dead.exited;
  const left = join(at.dir, `scratch-${dead.pid}-abcdef`, "state");
  mkdirSync(left, { recursive: true, mode: 0o700 });
  writeFileSync(join(left, "state.key"), "a key\n", { mode: 0o600 });

  const mine = join(at.dir, `scratch-${process.pid}-abcdef`);
  mkdirSync(mine, { mode: 0o700 });
  expect(finishPendingChange(at.dir)).toBe(false);
  expect(readdirSync(at.dir)).toEqual([`scratch-${process.pid}-abcdef`]);
});
