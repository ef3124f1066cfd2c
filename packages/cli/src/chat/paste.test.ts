import { expect, test } from "bun:test";
import { createPasteFilter, hideBreaks, restoreBreaks } from "./paste.ts";

const whole = "ab\x1b[200~one\r\ntwo\tx\x1b[31m\x03\x1b[201~\rz";

test("a pasted text of several lines becomes one line, and steers nothing", () => {
  const typed = createPasteFilter()(whole);
  expect(typed).toBe("abone␤two  x[31m\rz");
  expect(restoreBreaks("one␤two")).toBe("one\ntwo");
  expect(hideBreaks("one\r\ntwo\n")).toBe("one␤two␤");
});

test("the result is the same wherever the pieces are cut", () => {
  for (let at = 1; at < whole.length; at++) {
    const filter = createPasteFilter();
    // A cut right after the escape of the opening mark looks like the escape key: the terminal never does it.
    if (at === 3) continue;
    expect(filter(whole.slice(0, at)) + filter(whole.slice(at))).toBe("abone␤two  x[31m\rz");
  }
});

test("keys outside a paste pass untouched", () => {
  const filter = createPasteFilter();
  expect(filter("\x1b[A\x1b\x03\r")).toBe("\x1b[A\x1b\x03\r");
});
