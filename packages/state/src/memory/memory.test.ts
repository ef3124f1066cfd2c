import { expect, test } from "bun:test";
import { rawDatabase, temporaryState } from "../testing/index.ts";
import type { MemoryEntry } from "./types.ts";

function note(key: string, value: string, updatedAtMs = 1): MemoryEntry {
  return { key, value, origin: { kind: "owner" }, updatedAtMs };
}

test("a note is kept per agent, replaced by its key and listed in order", async () => {
  await using fixture = await temporaryState();
  const { memory } = fixture.state;
  expect(await memory.write("main", note("b", "two"))).toBe(true);
  expect(await memory.write("main", note("a", "one"))).toBe(true);
  expect(await memory.write("main", note("b", "three", 9))).toBe(true);
  expect(await memory.write("other", note("b", "theirs"))).toBe(true);
  const { memory: again, verify } = await fixture.reopen();
  expect(await again.list("main")).toEqual([note("a", "one"), note("b", "three", 9)]);
  expect(await again.read("main", "b")).toEqual(note("b", "three", 9));
  expect(await again.read("main", "c")).toBeUndefined();
  expect(await again.list("nobody")).toEqual([]);
  expect(await verify()).toEqual([]);
});

test("a forgotten note is gone from the notes, the search and the pages of the file", async () => {
  await using fixture = await temporaryState();
  const { memory } = fixture.state;
  await memory.write("main", note("pin", "swordfishes"));
  await memory.write("main", note("keep", "herons"));
  expect(await memory.forget("main", "pin")).toBe(true);
  expect(await memory.forget("main", "pin")).toBe(false);
  expect(await memory.search("main", "swordfishes", 5)).toEqual([]);
  expect(await memory.search("main", "herons", 5)).toHaveLength(1);
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  raw.exec("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, memory_index, 'row')");
  const terms = raw.prepare("SELECT term FROM temp.terms").all([]);
  expect(JSON.stringify(terms)).toContain("herons");
  expect(JSON.stringify(terms)).not.toContain("swordfishes");
  const pages = raw.prepare("SELECT hex(data) AS page FROM sqlite_dbpage").all([]);
  expect(JSON.stringify(pages).toLowerCase()).not.toContain(Buffer.from("swordfishes").toString("hex"));
  raw.close();
});

test("an agent's set has a cap, and a note that would exceed it is not written", async () => {
  await using fixture = await temporaryState();
  const { memory } = fixture.state;
  const large = "x".repeat(65_536);
  for (let n = 0; n < 63; n++) expect(await memory.write("main", note(`key-${n}`, large))).toBe(true);
  expect(await memory.write("main", note("last", large))).toBe(false);
  expect(await memory.write("main", note("key-0", "small"))).toBe(true);
  expect(await memory.write("main", note("last", large))).toBe(true);
  expect(await memory.write("other", note("first", large))).toBe(true);
});

test.each([
  ["an empty key", note("", "x")],
  ["a key that is too long", note("é".repeat(513), "x")],
  ["a value that is too long", note("k", "é".repeat(32_769))],
  ["a NUL in the key", note("a\0b", "x")],
  ["a NUL in the value", note("k", "a\0b")],
])("%s is refused", async (_what, entry) => {
  await using fixture = await temporaryState();
  await expect(fixture.state.memory.write("main", entry)).rejects.toMatchObject({ code: "invalid" });
  expect(await fixture.state.memory.list("main")).toEqual([]);
});

test("a search finds words of keys and values of its own agent only", async () => {
  await using fixture = await temporaryState();
  const { memory } = fixture.state;
  await memory.write("main", note("birthday", "Ada: 10 December"));
  await memory.write("other", note("birthday", "somebody else"));
  expect(await memory.search("main", "birthday", 5)).toEqual([note("birthday", "Ada: 10 December")]);
  expect(await memory.search("main", "dec*", 5)).toHaveLength(1);
  expect(await memory.search("main", "somebody", 5)).toEqual([]);
  expect(await memory.search("main", "", 5)).toEqual([]);
});
