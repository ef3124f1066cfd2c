import { expect, test } from "bun:test";
import { createKeyReader, type Key, maxTyped } from "./keys.ts";

const text = (typed: string): Key => ({ kind: "text", text: typed });
const edit = (name: string, isControl = false) => ({ kind: "edit", name, isControl }) as Key;
const keysOf = (...pieces: readonly string[]): Key[] => {
  const reader = createKeyReader();
  return pieces.flatMap((piece) => reader.take(piece));
};

test.each<[string, readonly string[], readonly Key[]]>([
  ["letters that come at once stay together", ["abc"], [text("abc")]],
  [
    "Enter ends them, however it is sent",
    ["a\rb\r\nc\n"],
    [text("a"), ...enters("b"), ...enters("c"), { kind: "enter" }],
  ],
  [
    "arrows, in both modes",
    ["\x1b[A\x1bOB\x1b[C\x1b[D"],
    ["up", "down", "right", "left"].map((one) => edit(one)),
  ],
  [
    "home, end and delete, in every dialect",
    ["\x1b[H\x1b[4~\x1b[3~\x1b[7~"],
    ["home", "end", "delete", "home"].map((one) => edit(one)),
  ],
  ["a sequence in two pieces", ["\x1b", "[A"], [edit("up")]],
  [
    "what erases",
    ["\x7f\b\x15\x17"],
    [edit("backspace"), edit("backspace"), edit("u", true), edit("w", true)],
  ],
  ["Ctrl-C and Ctrl-D", ["\x03\x04"], [{ kind: "interrupt" }, { kind: "end" }]],
  ["keys that mean nothing here", ["\x1b[15~\x1b[1;5C\x1bx\x00\x1a\t\x9b1m"], [text("1m")]],
  ["Esc before another sequence", ["\x1b\x1b[A"], [{ kind: "escape" }, edit("up")]],
  ["hidden characters are lost", ["a\u200b\u202eb\ufeff"], [text("ab")]],
  ["nothing but hidden characters is no key", ["\u200b"], []],
  ["a paste is one line, without blanks around it", ["\x1b[200~ one\r\ntwo\t\x1b[201~"], [text("one two")]],
  [
    "a paste in pieces, its marks cut",
    ["\x1b[200", "~on", "e\x1b[2", "01~\r"],
    [text("one"), { kind: "enter" }],
  ],
  ["keys inside a paste steer nothing", ["\x1b[200~a\x03\x1b[Ab\x1b[201~"], [text("a [Ab")]],
  ["Ctrl-C ends a paste that has no end", ["\x1b[200~abc", "\x03", "d"], [{ kind: "interrupt" }, text("d")]],
  ["a paste of nothing is no key", ["\x1b[200~\n\x1b[201~"], []],
])("%s", (_name, pieces, keys) => {
  expect(keysOf(...pieces)).toEqual([...keys]);
});

function enters(after: string): Key[] {
  return [{ kind: "enter" }, text(after)];
}

test("a flood is told by its length alone, typed or pasted, and what follows counts again", () => {
  const flood = "x".repeat(maxTyped + 1);
  expect(keysOf(`\x1b[200~${flood}`, `${flood}\x1b[201~ok`)).toEqual([
    { kind: "flood", length: 2 * flood.length },
    text("ok"),
  ]);
  expect(keysOf(flood, "ok")).toEqual([{ kind: "flood", length: flood.length }, text("ok")]);
});

test("a lone Esc is known once nothing follows; half a sequence is dropped then", () => {
  const reader = createKeyReader();
  expect(reader.take("\x1b")).toEqual([]);
  expect(reader.isWaiting()).toBe(true);
  expect(reader.settle()).toEqual([{ kind: "escape" }]);
  expect(reader.isWaiting()).toBe(false);
  expect(reader.take("\x1b[1")).toEqual([]);
  expect(reader.settle()).toEqual([]);
});
