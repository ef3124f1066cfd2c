import { expect, test } from "bun:test";
import { shortened, tableLines } from "./table.ts";

test("columns are as wide as their widest cell, and nothing stands behind the last", () => {
  expect(
    tableLines(
      ["ID", "NAME"],
      [
        ["one", "a"],
        ["2", "longer"],
      ],
    ),
  ).toEqual(["ID   NAME", "one  a", "2    longer"]);
});

test("lines below a row are indented, and belong to no column", () => {
  const below = [[], ["why it failed", "and more"]];
  expect(tableLines(["ID"], [["1"], ["2"]], below)).toEqual([
    "ID",
    "1",
    "2",
    "  why it failed",
    "  and more",
  ]);
});

test("no cell and no line below breaks out of its row", () => {
  expect(tableLines(["ID"], [["a\nb\u001b[31m"]], [["c\td"]])).toEqual(["ID", "a b[31m", "  c d"]);
});

test("a text that is too long ends in an ellipsis, and in no half character", () => {
  expect(shortened("short", 5)).toBe("short");
  expect(shortened("longer", 5)).toBe("long…");
  expect(shortened("abc\u{1f600}d", 5)).toBe("abc\ufffd…");
});
