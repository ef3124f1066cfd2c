import { expect, test } from "bun:test";
import { commandHelp } from "./usage.ts";
import { helpColumns, wrap } from "./wrap.ts";

test("a paragraph breaks between words, and a long word stands alone", () => {
  expect(wrap("one two\nthree four", 9)).toEqual(["one two", "three", "four"]);
  expect(wrap("a https://example.org/long b", 8)).toEqual(["a", "https://example.org/long", "b"]);
  expect(wrap("", 8)).toEqual([""]);
});

test("help is as wide as the terminal, within reason", () => {
  expect([undefined, 0, 10, 80, 400].map(helpColumns)).toEqual([116, 116, 40, 80, 116]);
});

test.each([40, 60, 80, 116])("help stays within %d columns, and loses no word", (columns) => {
  const words = "several words that say what it is about, and more of them still";
  const definition = {
    name: "try",
    summary: "Try it",
    details: [words],
    args: { key: { help: words, isRequired: true } },
    options: {
      level: { kind: "choice", choices: ["trace", "debug", "warn"], help: words },
      yes: { kind: "flag", short: "y", help: words },
    },
    examples: [{ command: "cara try", says: words }],
  } as const;
  const help = commandHelp(definition, columns);
  for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
  expect(help.replace(/\s+/g, " ").split(words)).toHaveLength(6);
});
