import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { temporaryState } from "../testing/temporary.ts";
import { readPortable } from "./index.ts";
import { fillDirectory } from "./testing/filled-directory.ts";
import { referenceDirectory } from "./testing/reference-directory.ts";
import { memorySource } from "./testing/written-source.ts";

const password = "the password";

async function filesOf(options: Parameters<typeof referenceDirectory>[0]): Promise<Map<string, Uint8Array>> {
  using directory = await referenceDirectory(options);
  fillDirectory(directory);
  const entries = readdirSync(directory.path, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const named = paths.map((path) => {
    const name = path.slice(directory.path.length + 1);
    return [name === "usage.json" ? "usage/usage.json" : name, new Uint8Array(readFileSync(path))] as const;
  });
  return new Map([...named, ["memory/default.json", Buffer.from('{"a":"b"}')] as const]);
}

/** Somewhere in a file: other bytes, a part missing, a part twice, or the end cut off. */
const change = fc.record({
  file: fc.nat(),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom("flip", "cut", "double", "end", "text"),
  length: fc.integer({ min: 1, max: 40 }),
  text: fc.constantFrom(
    "null",
    "{}",
    "[]",
    '""',
    "-1",
    "1e999",
    '"\\ud800"',
    '"\\u0000"',
    "true",
    '{"a":',
    "\n",
  ),
});

function changed(
  bytes: Uint8Array,
  { at, kind, length, text }: { at: number; kind: string; length: number; text: string },
): Uint8Array {
  const from = Math.floor(at * bytes.length);
  const [before, part, after] = [
    bytes.subarray(0, from),
    bytes.subarray(from, from + length),
    bytes.subarray(from + length),
  ];
  if (kind === "flip") return Buffer.concat([before, part.map((byte) => byte ^ 0x15), after]);
  if (kind === "cut") return Buffer.concat([before, after]);
  if (kind === "double") return Buffer.concat([before, part, part, after]);
  if (kind === "end") return before;
  return Buffer.concat([before, Buffer.from(text), after]);
}

test.each([
  ["plain", {}],
  ["encrypted", { password }],
] as const)(
  "whatever is wrong with a %s directory, the import tells it, and what it takes in verifies",
  async (_name, options) => {
    const original = await filesOf(options);
    const names = [...original.keys()].sort();
    const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
      const files = new Map(original);
      for (const one of changes) {
        const name = names[one.file % names.length] ?? "";
        files.set(name, changed(files.get(name) ?? new Uint8Array(), one));
      }
      await using at = await temporaryState();
      const items = readPortable(memorySource(files), { ...options, trustFacts: "all" });
      const report = await at.state.portable.import(items, { mode: "add", source: "memory", nowMs: () => 1 });
      for (const counts of Object.values(report.stores)) {
        const { found, imported, unchanged, skipped, locked, corrupt } = counts;
        expect(imported + unchanged + skipped + locked + corrupt).toBe(found);
      }
      expect(await at.state.verify()).toEqual([]);
    });
    await fc.assert(property, { numRuns: "password" in options ? 8 : 40, seed: 1764 });
  },
);
