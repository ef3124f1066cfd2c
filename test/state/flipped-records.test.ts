import { expect, test } from "bun:test";
import { join } from "node:path";

const flipper = join(import.meta.dir, "support/flipper.ts");

/** Some seconds' worth; by hand the program takes any seed and any number. */
const flipsOfEach = 60;

test.each([1, 2, 3])(
  "a byte that flipped in a record of any table ends no process, is named, and spoils nothing else (%i)",
  async (seed) => {
    const args = ["--no-env-file", "--no-install", flipper, `${seed}`, `${flipsOfEach}`];
    const child = Bun.spawn([process.execPath, ...args], { stdout: "pipe", stderr: "pipe" });
    const [out, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    const lines = out.trimEnd().split("\n");
    expect(lines.filter((line) => line.startsWith("wrong "))).toEqual([]);
    expect({ code, errors, last: lines.at(-1) }).toMatchObject({ code: 0, errors: "" });
    expect(lines.filter((line) => line.startsWith("outcome "))).toHaveLength(flipsOfEach);
    expect(lines.filter((line) => line === 'outcome "detected"').length).toBeGreaterThan(flipsOfEach / 3);
  },
  60_000,
);
