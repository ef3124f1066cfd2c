import { expect, test } from "bun:test";
import { clean, cleanJson, cleanLine, createPieceCleaner } from "./clean.ts";

test("what steers a terminal is taken out, line breaks and tabs stay", () => {
  expect(clean("\u001b[31mred\u001b[0m\r\n\ttab\u0007\u009b2J\u007f")).toBe("[31mred[0m\n\ttab2J");
});

test("what is invisible or turns text around is taken out", () => {
  expect(clean("a\u202eb\u200bc\ufeffd\u00ade\u2066f\u{e0041}g\ufe0fh")).toBe("abcdefgh");
});

test("spaces of any width become plain ones, other scripts stay as they are", () => {
  expect(clean("10\u00a0km\u3000日本語 العربية e\u0301 😀")).toBe("10 km 日本語 العربية e\u0301 😀");
});

test("one line stays one line", () => {
  expect(cleanLine("a\nb\tc")).toBe("a b c");
});

test("JSON is cleaned in depth, names included", () => {
  expect(cleanJson({ "a\u001b": ["x\u0007", 1, null, { b: "\u202e" }] })).toEqual({
    a: ["x", 1, null, { b: "" }],
  });
});

test("a character cut in two by the stream is neither broken nor let through", () => {
  const cleanPiece = createPieceCleaner();
  const tag = "\u{e0041}";
  const pieces = [`a${"😀".charAt(0)}`, "😀".charAt(1), `b${tag.charAt(0)}`, `${tag.charAt(1)}c`];
  expect(pieces.map(cleanPiece).join("")).toBe("a😀bc");
});
