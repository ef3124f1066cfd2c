import { expect, test } from "bun:test";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openClawItems } from "./items.ts";
import { SourceFolder } from "./source/folder.ts";
import { fixtureHome, type Version, versions } from "./testing/fixture.ts";
import { importMs } from "./testing/place.ts";

/** The same numbers for the same seed (Park and Miller). */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

const pieces = [
  "\u0000",
  '"',
  "{",
  "]",
  "null",
  "1e999",
  '"__proto__"',
  "\\ud800",
  "\u001b[2J",
  "\n",
  "9".repeat(400),
];

function damaged(bytes: Buffer, random: (below: number) => number): Buffer {
  const at = random(bytes.length + 1);
  const piece = Buffer.from(pieces[random(pieces.length)] ?? "");
  switch (random(4)) {
    case 0:
      return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + random(200)))]);
    default:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random(256)]), bytes.subarray(at + 1)]);
  }
}

/** A copy of a home in which some files are damaged. */
function damagedCopy(home: string, random: (below: number) => number): string {
  const dir = mkdtempSync(join(tmpdir(), "carapace-openclaw-fuzz-"));
  cpSync(home, dir, { recursive: true });
  const paths = readdirSync(dir, { recursive: true, encoding: "utf8" }).map((path) => join(dir, path));
  const files = paths.filter((path) => statSync(path).isFile());
  for (let count = 0; count < 6; count += 1) {
    const file = files[random(files.length)] ?? "";
    let bytes: Buffer = readFileSync(file);
    for (let times = random(6); times >= 0; times -= 1) bytes = damaged(bytes, random);
    writeFileSync(file, bytes);
  }
  return dir;
}

const control = /[\u0000-\u001f\u007f-\u009f]/;

async function readAll(dir: string, home: string): Promise<number> {
  const { signal } = new AbortController();
  const context = { nowMs: importMs, signal, home, ownAgentId: "default", zone: "UTC" };
  let count = 0;
  for await (const item of openClawItems(new SourceFolder(dir), context)) {
    count += 1;
    const problems = item.kind === "problem" ? [item] : [];
    if (item.kind === "session") {
      expect(control.test(`${item.session.key}${item.session.metadata.name}`)).toBe(false);
      for await (const batch of item.messages()) problems.push(...batch.problems);
    }
    expect(problems.filter(({ path, say }) => control.test(path + say))).toEqual([]);
  }
  return count;
}

test.each(Object.keys(versions) as Version[])(
  "%s: whatever is damaged, reading ends, and the report stays plain text",
  async (version) => {
    using source = fixtureHome(version);
    const random = seeded(20_260_906);
    for (let round = 0; round < 12; round += 1) {
      const home = damagedCopy(source.home, random);
      try {
        expect(await readAll(join(home, versions[version]), home)).toBeGreaterThan(0);
      } finally {
        rmSync(home, { recursive: true });
      }
    }
  },
);
