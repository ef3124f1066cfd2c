import { expect, test } from "bun:test";
import { cleanJson, cleanLine, createPieceCleaner } from "./clean.ts";

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
