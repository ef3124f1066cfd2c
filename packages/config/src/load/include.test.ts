import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { loadConfig } from "../load-config.ts";
import { testFolder } from "../testing/folder.ts";

async function load(files: Readonly<Record<string, string>>) {
  using folder = testFolder(files);
  const loaded = await loadConfig({ env: folder.env });
  if (loaded.ok) return { resolved: loaded.value.resolved, issues: loaded.value.issues };
  return { ...loaded, say: loaded.say.replaceAll(folder.path, "") };
}

test("objects merge, lists are joined, the file's own keys win over what it includes", async () => {
  const { resolved } = await load({
    "carapace.json5": "{$include: ['a.json5', 'sub/b.json5'], x: {own: 1}, list: [3], n: 1}",
    "a.json5": "{x: {a: 1, own: 0}, list: [1], n: 0}",
    "sub/b.json5": "{$include: 'c.json5', list: [2]}",
    "sub/c.json5": "{x: {c: 1}, n: {}}",
  });
  expect(resolved).toEqual({ x: { a: 1, own: 1, c: 1 }, list: [1, 2, 3], n: 1 });
});

test("a directive of its own becomes what it includes, at any nesting and inside lists", async () => {
  const { resolved } = await load({
    "carapace.json5": "{a: {$include: 'list.json5'}, b: [{$include: 'text.json5'}]}",
    "list.json5": "[1, 2]",
    "text.json5": "'t'",
  });
  expect(resolved).toEqual({ a: [1, 2], b: ["t"] });
});

test("a file may come twice", async () => {
  const { resolved } = await load({
    "carapace.json5": "{a: {$include: 'x.json5'}, b: {$include: ['x.json5', 'x.json5']}}",
    "x.json5": "{v: [1]}",
  });
  expect(resolved).toEqual({ a: { v: [1] }, b: { v: [1, 1] } });
});

test("a circle is refused where it closes, also through a symbolic link", async () => {
  const failed = await load({
    "carapace.json5": "{$include: 'a.json5'}",
    "a.json5": "{\n  b: {$include: 'carapace.json5'}}",
  });
  expect(failed).toMatchObject({ ok: false, details: { kind: "CircularInclude" } });
  expect(failed).toMatchObject({ say: expect.stringContaining("/a.json5:2:7: .b.$include: ") });
  using folder = testFolder({ "carapace.json5": "{$include: 'link.json5'}" });
  symlinkSync(folder.file("carapace.json5"), folder.file("link.json5"));
  expect(await loadConfig({ env: folder.env })).toMatchObject({ details: { kind: "CircularInclude" } });
});

test("ten levels are allowed, eleven are not", async () => {
  const chain = (length: number) => {
    const link = (n: number) => (n < length ? `{$include: 'f${n + 1}.json5'}` : "{end: true}");
    const files = Array.from({ length: length + 1 }, (_, n) => [
      n === 0 ? "carapace.json5" : `f${n}.json5`,
      link(n),
    ]);
    return Object.fromEntries(files);
  };
  expect(await load(chain(10))).toMatchObject({ resolved: { end: true } });
  expect(await load(chain(11))).toMatchObject({ details: { kind: "IncludeDepthExceeded" } });
});

test("an avalanche of includes is refused before it fills the memory", async () => {
  const twice = (n: number) => `{$include: ['f${n}.json5', 'f${n}.json5', 'f${n}.json5', 'f${n}.json5']}`;
  const files = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`f${n}.json5`, twice(n + 1)]));
  const failed = await load({ ...files, "carapace.json5": twice(0), "f9.json5": "{a: [1, 2, 3]}" });
  expect(failed).toMatchObject({ ok: false, say: expect.stringContaining("512") });
});

test.each([
  ["IncludeNotFound", "{$include: 'none.json5'}"],
  ["InvalidIncludeDirective", "{$include: 5}"],
  ["InvalidIncludeDirective", "{a: [{$include: ['x', null]}]}"],
  ["InvalidIncludeDirective", "{$include: ''}"],
  ["IncludeMustBeObject", "{a: {$include: 'list.json5', b: 1}}"],
  ["ParseError", "{$include: 'broken.json5'}"],
  ["ReadError", "{$include: '.'}"],
  ["ValidationError", "{$include: 'list.json5'}"],
])("%s: %s", async (kind, text) => {
  const failed = await load({ "carapace.json5": text, "list.json5": "[1]", "broken.json5": "{a:\n b c}" });
  expect(failed).toMatchObject({ ok: false, details: { kind } });
});

test("a syntax error in an included file is told with that file's line", async () => {
  const failed = await load({ "carapace.json5": "{$include: 'broken.json5'}", "broken.json5": "{a:\n b c}" });
  expect(failed).toMatchObject({ say: expect.stringContaining("/broken.json5:2:") });
});

test("an issue names the file the value was written in, through merges and joined lists", async () => {
  using folder = testFolder({
    "carapace.json5": "{$include: 'a.json5',\n agents: {list: [{model: 'zzz'}]}}",
    "a.json5": "{\n agents: {list: [{model: 'openai:x'},\n {model: 'yyy'}]}, gateway: {\n  port: 'p'}}",
  });
  const loaded = await loadConfig({ env: folder.env });
  const places = loaded.ok
    ? loaded.value.issues.map(({ path, at }) => [path, at?.file.slice(folder.path.length + 1), at?.line])
    : [];
  expect(places).toEqual([
    [".gateway.port", "a.json5", 4],
    [".agents.list[1].model", "a.json5", 3],
    [".agents.list[2].model", "carapace.json5", 2],
  ]);
});
