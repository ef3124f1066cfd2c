import { expect, test } from "bun:test";
import type { Output } from "../output/output.ts";
import { noProgress } from "./progress.ts";
import { createScreen } from "./screen.ts";

/** What a terminal would show: stdout and stderr in one. */
function recorded() {
  const shown: string[] = [];
  const out: Output = {
    result: (text) => void shown.push(`${text}\n`),
    json: () => {},
    piece: (text) => void shown.push(text),
    note: (text) => void shown.push(`[${text}]\n`),
    fail: () => 1,
    hide: () => {},
    withoutSecrets: (text) => text,
    whenBroken: () => {},
    hasFailed: () => false,
    columns: () => undefined,
  };
  return { screen: createScreen(out, noProgress), shown: () => shown.join("") };
}

test("a notice in the middle of a reply gets a line of its own", () => {
  const { screen, shown } = recorded();
  screen.text("Let me see.");
  screen.notice("tool");
  screen.text("42");
  screen.endReply();
  expect(shown()).toBe("Let me see.\n[tool]\n42\n");
});

test("a reply that ends its line itself gets no second end", () => {
  const { screen, shown } = recorded();
  screen.text("42\n");
  screen.endReply();
  screen.endReply();
  expect(shown()).toBe("42\n");
});

test("half a character at the end of one reply does not reach the next", () => {
  const { screen, shown } = recorded();
  screen.text(`a${"😀".charAt(0)}`);
  screen.endReply();
  screen.text("b");
  screen.endReply();
  expect(shown()).toBe("a\nb\n");
});
