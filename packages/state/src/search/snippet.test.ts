import { expect, test } from "bun:test";
import { parseQuery } from "./query.ts";
import { snippet } from "./snippet.ts";

const filler = "lorem ipsum dolor ".repeat(40);

test("a short text is its own snippet", () => {
  expect(snippet("a short text", parseQuery("short"))).toBe("a short text");
});

test("a long text is cut around the first match, at most 240 characters", () => {
  const cut = snippet(`${filler}the HÉRON stands${filler}`, parseQuery("heron"));
  expect(cut).toContain("the HÉRON stands");
  expect(cut.startsWith("…") && cut.endsWith("…")).toBe(true);
  expect(cut.length).toBeLessThanOrEqual(240);
});

test("a match at the end keeps the end", () => {
  const cut = snippet(`${filler}heron`, parseQuery("her*"));
  expect(cut.endsWith("heron")).toBe(true);
  expect(cut.length).toBeLessThanOrEqual(240);
});

test("no character is cut in two", () => {
  for (let shift = 0; shift < 4; shift++) {
    const cut = snippet(
      `${"x".repeat(shift)}${"👩".repeat(300)} heron ${"👩".repeat(300)}`,
      parseQuery("heron"),
    );
    expect(cut.isWellFormed()).toBe(true);
    expect(cut.length).toBeLessThanOrEqual(240);
  }
});
