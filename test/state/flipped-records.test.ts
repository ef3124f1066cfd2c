import { expect, test } from "bun:test";
import { join } from "node:path";
import { exercises, fullyFurnished, outcome } from "./support/exercise.ts";
import { flip, type Place, recordBytes } from "./support/flipping.ts";
import { tampered } from "./support/tampering.ts";

const flipper = join(import.meta.dir, "support/flipper.ts");

/** Some seconds' worth; by hand the program takes any seed and any number. */
const flipsOfEach = 40;

test.each([1, 2])(
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

const sealed = "sessions messages archives runs memory usage records audit cron_jobs tasks auth_profiles";

test.each(sealed.split(" "))(
  "a MAC in %s whose type became text ends nothing, and is named",
  async (table) => {
    await using fixture = await fullyFurnished();
    const { state, damage } = await tampered(fixture, (raw) => {
      // 32 bytes of text: the last column's type stands at the end of the header.
      flip(raw, { ...endOfHeader(recordBytes(raw, 1), table), value: 13 + 2 * 32 });
    });
    expect(damage).not.toBeEmpty();
    for (const { read, use } of Object.values(exercises(fixture))) {
      await outcome(() => read(state));
      await outcome(() => use(state));
    }
  },
);

function endOfHeader(places: readonly Place[], table: string): Place {
  const own = places.filter(({ of }) => of === table);
  const end = own.find(({ part }, n) => part === "header" && own[n + 1]?.part === "payload");
  if (end === undefined) throw new Error(`${table} is empty`);
  return end;
}

const parts = ["data", "idx", "docsize", "config"];

test.each(parts.flatMap((part) => [`message_index_${part}`, `memory_index_${part}`]))(
  "a search whose %s is damaged finds what it found before: the index is made again",
  async (table) => {
    await using fixture = await fullyFurnished();
    const { search, foundNotes } = exercises(fixture);
    const found = async () => [await search?.read(fixture.state), await foundNotes?.read(fixture.state)];
    const whole = await found();
    await tampered(fixture, (raw) => {
      flip(raw, { ...endOfHeader(recordBytes(raw, 1), table), value: 13 + 2 * 40 });
    });
    expect(await found()).toEqual(whole);
  },
);
