import { expect, test } from "bun:test";
import { parseDotenv } from "./dotenv.ts";

test.each([
  ["A=b", { A: "b" }],
  ["  A = b c  ", { A: "b c" }],
  ["A='b # c'", { A: "b # c" }],
  ['A="b"  # a "comment"', { A: "b" }],
  ["A='\"b\"'", { A: '"b"' }],
  ['A="it"s"', { A: 'it"s' }],
  ["A='b", { A: "'b" }],
  ["export A=b", { A: "b" }],
  ["A=b # c", { A: "b" }],
  ["A=b#c", { A: "b#c" }],
  ["A=b=c==", { A: "b=c==" }],
  ["A=first\nA=second", { A: "first" }],
  ["# A=b\n#A=c\n\nA=\nB=\"\"\nC='x'", { C: "x" }],
  ["A=b\r\nB=c\rC=d", { A: "b", B: "c", C: "d" }],
  ["A=$(touch /tmp/x)\nB=`id`", { A: "$(touch /tmp/x)", B: "`id`" }],
  ["1A=b\nA-B=c\n=d\nE", {}],
  ["__proto__=x", { ["__proto__"]: "x" }],
])("%p is read", (text, values) => {
  expect(Object.fromEntries(parseDotenv(text))).toEqual(values);
});
