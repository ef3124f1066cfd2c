import { expect, test } from "bun:test";
import { drawingStyle, styled } from "./drawing.ts";

test.each([
  [{}, "linux", { hasColor: true, isUnicode: false }],
  [{ LANG: "de_DE.UTF-8" }, "linux", { hasColor: true, isUnicode: true }],
  [{ LANG: "de_DE.UTF-8", LC_CTYPE: "C" }, "linux", { hasColor: true, isUnicode: false }],
  [{ LC_ALL: "C.utf8", LC_CTYPE: "C" }, "linux", { hasColor: true, isUnicode: true }],
  [{ NO_COLOR: "1" }, "darwin", { hasColor: false, isUnicode: true }],
  [{ NO_COLOR: "" }, "win32", { hasColor: true, isUnicode: true }],
] as const)("%j on %s", (env, platform, style) => {
  expect(drawingStyle(env, platform)).toEqual(style);
});

test("without colour all colours go, where the cursor stands does not", () => {
  const drawn = "\x1b[36m◆\x1b[39m \x1b[2mdim\x1b[22m \x1b[7mx\x1b[27m\x1b[2K";
  expect(styled(drawn, { hasColor: false, isUnicode: true })).toBe("◆ dim \x1b[7mx\x1b[27m\x1b[2K");
  expect(styled(drawn, { hasColor: true, isUnicode: true })).toBe(drawn);
});

test("ASCII signs are as wide as those they stand for", () => {
  const drawn = "┌│└├─╮ ◆◇■▲●○ ▪•█—";
  const plain = styled(drawn, { hasColor: true, isUnicode: false });
  expect(plain).toMatch(/^[\x20-\x7e]+$/);
  expect(plain).toHaveLength(drawn.length);
});
