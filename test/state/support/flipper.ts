// Damages one record after the other and uses everything each time: flipper.ts SEED COUNT [TABLE]. Prints a line before
// each flip, so that an end of the process has a name, one for its outcome, and one for each thing that went wrong.
import { writeSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openState, type State, StateError } from "@carapace/state";
import { rawDatabase } from "@carapace/state/testing";
import { z } from "zod";
import { type Exercise, exercises, type Fixture, fullyFurnished, outcome } from "./exercise.ts";
import { type Flip, flip, newValue, type Place, readPage, recordBytes } from "./flipping.ts";
import { seeded, temporaryDirectory } from "./spawn.ts";

const [seed = "0", count = "1", only = ""] = Bun.argv.slice(2);
const random = seeded(Number(seed));
const pagesOfEach = 3;

function say(kind: "flip" | "wrong" | "outcome", what: unknown): void {
  writeSync(1, `${kind} ${JSON.stringify(what)}\n`);
}

await using fixture = await fullyFurnished();
await fixture.close();
const original = await readFile(join(fixture.dir, "state.db"));
const places = await placesIn(fixture);
const all = Object.entries(exercises(fixture));
const whole = await contents(await reopened(fixture.dir));
for (let round = 0; round < Number(count); round++) {
  await using copy = await temporaryDirectory();
  const done = await damaged(copy.dir);
  say("flip", done);
  try {
    say("outcome", await tried(copy.dir, done));
  } catch (error) {
    say("wrong", { ...done, what: told(error) });
  }
}

async function reopened(dir: string): Promise<State> {
  return openState({ dir, keys: fixture.keys, newId: () => crypto.randomUUID() });
}

async function placesIn({ dir, keys }: Fixture): Promise<Place[]> {
  const raw = await rawDatabase(dir, keys);
  try {
    // What the schema says is damaged only if it is asked for: it is sealed by nothing.
    const isMeant = (of: string) => (only === "" ? of !== "sqlite_schema" : of.startsWith(only));
    return recordBytes(raw, pagesOfEach).filter(({ of }) => isMeant(of));
  } finally {
    raw.close();
  }
}

async function contents(state: State): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  for (const [name, { read }] of all) said.set(name, JSON.stringify(await read(state)) ?? "undefined");
  await state[Symbol.asyncDispose]();
  return said;
}

async function damaged(dir: string): Promise<Flip> {
  await writeFile(join(dir, "state.db"), original, { mode: 0o600 });
  const raw = await rawDatabase(dir, fixture.keys);
  try {
    const tables = [...new Set(places.map(({ of }) => of))];
    const table = tables[Math.floor(random() * tables.length)];
    const part = random() < 0.6 ? "header" : "payload";
    const candidates = places.filter((place) => place.of === table && place.part === part);
    const place = candidates[Math.floor(random() * candidates.length)];
    if (place === undefined) throw new Error("there is nothing to damage");
    const value = newValue(random, readPage(raw, place.page)[place.at] ?? 0, part);
    flip(raw, { ...place, value });
    return { ...place, value };
  } finally {
    raw.close();
  }
}

async function tried(dir: string, done: Flip): Promise<"refused" | "detected" | "without effect"> {
  let state: State;
  try {
    state = await reopened(dir);
  } catch (error) {
    if (error instanceof StateError && ["corrupt", "newer_schema", "wrong_key"].includes(error.code))
      return "refused";
    throw error;
  }
  try {
    const before = await readAll(state);
    const damage = await state.verify();
    const after = await readAll(state);
    for (const [name, exercise] of all) {
      const got = [before.get(name), after.get(name)];
      if (got.every((one) => one === whole.get(name))) continue;
      // The index is not sealed: what it finds is checked, what it finds no more is not missed.
      if (done.of.includes("_index_") && got.every((one) => isPart(one, whole.get(name)))) continue;
      if (damage.length === 0)
        say("wrong", {
          ...done,
          what: `${name} differs, and nobody says so`,
          got: after.get(name),
          before: before.get(name),
        });
      else if (!concerns(exercise, done))
        say("wrong", {
          ...done,
          what: `${name} suffers, too`,
          damage,
          before: before.get(name),
          after: after.get(name),
        });
    }
    for (const [name, exercise] of all) {
      const used = await outcome(() => exercise.use(state));
      if ("refused" in used && !concerns(exercise, done))
        say("wrong", { ...done, what: `${name} cannot be used`, used, damage });
    }
    await state.verify();
    return damage.length > 0 ? "detected" : "without effect";
  } finally {
    await state[Symbol.asyncDispose]();
  }
}

async function readAll(state: State): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  for (const [name, { read }] of all) {
    const got = await outcome(() => read(state));
    said.set(name, "value" in got ? got.value : got.refused);
  }
  return said;
}

function isPart(some: string | undefined, all: string | undefined): boolean {
  const list = (json = "") => (json.startsWith("[") ? z.array(z.unknown()).parse(JSON.parse(json)) : [json]);
  const known = list(all).map((one) => JSON.stringify(one));
  return list(some).every((one) => known.includes(JSON.stringify(one)));
}

function concerns({ tables }: Exercise, { of }: Flip): boolean {
  return of === "sqlite_schema" || of === "seals" || tables.some((name) => of.startsWith(name));
}

function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.name} ${"code" in error ? error.code : ""} ${error.message} ${error.stack}`;
}
