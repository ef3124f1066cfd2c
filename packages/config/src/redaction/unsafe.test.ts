import { expect, test } from "bun:test";
import { stripUnsafe } from "./unsafe.ts";

test("what steers a terminal is taken out, line breaks and tabs stay", () => {
  expect(stripUnsafe("\u001b[31mred\u001b[0m\r\n\ttab\u0007\u009b2J\u007f")).toBe("[31mred[0m\n\ttab2J");
});

test("what is invisible or turns text around is taken out", () => {
  expect(stripUnsafe("a\u202eb\u200bc\ufeffd\u00ade\u2066f\u{e0041}g\ufe0fh")).toBe("abcdefgh");
});

test("spaces of any width become plain ones, other scripts stay as they are", () => {
  expect(stripUnsafe("10\u00a0km\u3000日本語 العربية e\u0301 😀")).toBe("10 km 日本語 العربية e\u0301 😀");
});

test("the table is what Unicode calls control, format, ignorable or separator, and nothing else", () => {
  const listed = /(?![\n\t ])[\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}]/u;
  const wrong: string[] = [];
  for (let point = 0; point <= 0x10ffff; point += 1) {
    const text = String.fromCodePoint(point);
    if (listed.test(text) === (stripUnsafe(text) === text)) wrong.push(point.toString(16));
  }
  expect(wrong).toEqual([]);
});
