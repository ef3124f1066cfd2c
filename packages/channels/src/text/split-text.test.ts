import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { openFence } from "./fence.ts";
import { splitText } from "./split-text.ts";

const words = (count: number, word = "word") => Array<string>(count).fill(word).join(" ");

describe("a text", () => {
  test("that fits is left as it is, to the last blank", () => {
    const text = ` a\n\n${"b".repeat(196)}`;
    expect(splitText(text, 200)).toEqual([text]);
  });

  test("is cut between paragraphs before it is cut between lines or words", () => {
    const [one, two, three] = [words(25), `${words(10)}\n${words(10)}`, words(20)];
    expect(splitText(`${one}\n\n${two}\n\n${three}`, 230)).toEqual([`${one}\n\n${two}`, three]);
    expect(splitText(`${words(30)}\n${words(30)}`, 200)).toEqual([words(30), words(30)]);
    expect(splitText(words(60), 200)).toEqual([words(40), words(20)]);
  });

  test("is not cut at a paragraph that would leave a piece nearly empty", () => {
    const [first = ""] = splitText(`ab\n\n${words(60)}`, 200);
    expect(first.length).toBeGreaterThan(100);
  });

  test("of one long word is cut between characters", () => {
    expect(splitText("x".repeat(450), 200).map((piece) => piece.length)).toEqual([200, 200, 50]);
    const family = "👨‍👩‍👧‍👦";
    for (const piece of splitText(family.repeat(60), 200)) {
      expect(piece.length).toBeLessThanOrEqual(200);
      expect(piece.replaceAll(family, "")).toBe("");
    }
  });

  test("of one endless character is cut all the same, between code points", () => {
    const pieces = splitText(`e${"\u0301".repeat(500)}${"😀".repeat(200)}`, 200);
    expect(pieces.every((piece) => piece.length <= 200 && piece.isWellFormed())).toBe(true);
  });
});

describe("a code block", () => {
  const code = Array.from({ length: 40 }, (_, number) => `  line(${number});`).join("\n");

  test("that is cut is closed, and opened again in its language; indentation stays", () => {
    const pieces = splitText(`Look:\n\`\`\`ts\n${code}\n\`\`\`\nDone.`, 200);
    expect(pieces.length).toBeGreaterThan(2);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(200);
      expect(openFence(piece)).toBeUndefined();
    }
    expect(pieces[1]).toStartWith("```ts\n  line(");
    expect(pieces.at(-1)).toEndWith("```\nDone.");
    const lines = pieces.flatMap((piece) => piece.split("\n")).filter((line) => line.startsWith("  line("));
    expect(lines.join("\n")).toBe(code);
  });

  test("that fits the next piece is not cut", () => {
    const text = `${words(30)}\n\`\`\`\n${words(12)}\n\`\`\``;
    expect(splitText(text, 200)).toEqual([words(30), `\`\`\`\n${words(12)}\n\`\`\``]);
  });

  test("of tildes, or of more backticks, is closed by as many", () => {
    for (const marker of ["~~~", "`````"]) {
      const [first = ""] = splitText(`${marker}\n${code}\n${marker}`, 200);
      expect(first.split("\n").at(-1)).toBe(marker);
    }
  });

  test("that is none, since the backticks stand in a line, is not closed", () => {
    const [first = ""] = splitText(`\`\`\`not\`\`\` code\n${words(60)}`, 200);
    expect(first).not.toEndWith("```");
  });
});

test("whatever the text: pieces fit, none is blank, blocks are whole, and nothing but blanks and fences goes", () => {
  const line = fc.oneof(
    fc.constantFrom("```", "```js", "~~~", "````", "", "   ", "```a`b"),
    fc.string({ unit: "grapheme", maxLength: 300 }),
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.constant(words(20)),
  );
  const bare = (text: string) => text.replaceAll(/[\s`~]|js/g, "");
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.integer({ min: 128, max: 500 }), (lines, max) => {
      const text = lines.join("\n");
      const pieces = splitText(text, max);
      expect(pieces.every((piece) => piece.length <= max && piece.trim() !== "")).toBe(true);
      expect(bare(pieces.join(""))).toBe(bare(text));
      for (const piece of pieces.slice(0, -1)) expect(openFence(piece)).toBeUndefined();
    }),
    { numRuns: 300, seed: 20_261_122 },
  );
});
