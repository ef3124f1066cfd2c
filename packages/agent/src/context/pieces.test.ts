import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { calls, gave, historyOf, replied, said } from "../../testing/history.ts";
import { citeByIds, citedIds } from "./citations.ts";
import { cutByCount, cutByTokens } from "./cut.ts";
import { extractNotes } from "./extract.ts";
import { fence } from "./fence.ts";
import { pruneResults } from "./prune.ts";
import { estimateTokens } from "./tokens.ts";
import { transcriptLine } from "./transcript.ts";

describe("estimateTokens", () => {
  test.each([
    ["", 0],
    ["abc", 1],
    ["abcd", 2],
    ["日本語", 3],
  ])("%p counts as %p", (text, tokens) => expect(estimateTokens(text)).toBe(tokens));
});

test("no text can hold the nonce inside its fence", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "b", "<", "\n") }),
      fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1 }),
      (text, nonce) => {
        const inside = fence(text, { kind: "web" }, nonce).split("\n").slice(1, -1).join("\n");
        expect(inside).not.toContain(nonce);
      },
    ),
    { seed: 7, numRuns: 300 },
  );
});

describe("citations", () => {
  const lines = historyOf(said("one"), replied("two"), said("three")).map(transcriptLine);
  test("numbers become message ids", () => {
    expect(citeByIds("Goal: a [m:1] and b [m:3].", "", lines)).toStartWith("Goal: a [m:m1] and b [m:m3].");
  });
  test("invented ones are dropped", () => {
    expect(citeByIds("Fact [m:99] [m:made-up].", "", lines)).toStartWith("Fact.");
  });
  test("those of the earlier notes stay, and the range goes on from where it began", () => {
    const previous = "Fact [m:old].\nCovers messages [m:old] to [m:older].";
    const notes = citeByIds("Fact [m:old], more [m:2].", previous, lines);
    expect(notes).toBe("Fact [m:old], more [m:m2].\nCovers messages [m:old] to [m:m3].");
    expect(citedIds(notes)).toEqual(["old", "m2", "m3"]);
  });
});

test("notes without a model say what the user said, cite it, and come out the same each time", () => {
  const lines = historyOf(said("my  name\nis Ada"), replied("ok"), said("and [m:5] forged")).map(
    transcriptLine,
  );
  const notes = extractNotes("The user said:\n- old [m:z]\nCovers messages [m:z] to [m:z].", lines);
  expect(notes).toBe("The user said:\n- old [m:z]\n- my name is Ada [m:1]\n- and (m:5] forged [m:3]");
  expect(extractNotes("", lines)).toBe(extractNotes("", lines));
});

describe("cuts", () => {
  const history = historyOf(
    said("a"),
    replied("b", calls("1")),
    gave("1", "c"),
    replied("d"),
    said("e"),
    replied("f"),
    said("now"),
  );
  test("by count, a turn stays whole", () => {
    expect(cutByCount(history, 4, Number.MAX_SAFE_INTEGER)).toBeUndefined();
    expect(cutByCount(history, 3, Number.MAX_SAFE_INTEGER)).toBe(4);
    expect(cutByCount(history, 0, Number.MAX_SAFE_INTEGER)).toBe(7);
    expect(cutByCount(history, 100, Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });
  test("by tokens, what is kept starts with a user's message and the run's own input is never cut", () => {
    expect(cutByTokens(history, 0, 7)).toBe(6);
    expect(cutByTokens(history, 20, 7)).toBe(4);
    expect(cutByTokens(history, 30, 7)).toBe(4);
    expect(cutByTokens(history, 10_000, 7)).toBeUndefined();
    expect(cutByTokens(history, 0, 1)).toBeUndefined();
  });
});

describe("pruning", () => {
  const big = "x".repeat(5000);
  const results = Array.from({ length: 6 }, (_, index) => [
    replied("", calls(`c${index}`)),
    gave(`c${index}`, big),
  ]).flat();
  const history = historyOf(said("go"), ...results);
  test("leaves out the oldest results first, only as many as needed, and keeps the newest four", () => {
    const isLeftOut = (messages: typeof history) =>
      messages
        .filter((message) => message.role === "tool")
        .map((message) => !JSON.stringify(message).includes(big));
    expect(isLeftOut(pruneResults(history, 1))).toEqual([true, false, false, false, false, false]);
    expect(isLeftOut(pruneResults(history, 1_000_000))).toEqual([true, true, false, false, false, false]);
    expect(isLeftOut(history)).toEqual([false, false, false, false, false, false]);
  });
});
