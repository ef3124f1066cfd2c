import { expect, test } from "bun:test";
import type { Json } from "@carapace/protocol";
import fc from "fast-check";
import { type HookContext, shownHeaders } from "./context.ts";
import { cutMark, maxRenderedChars, render } from "./template.ts";

function contextOf(payload: Json, more: Partial<HookContext> = {}): HookContext {
  const headers = shownHeaders([
    ["X-Source", "monitor"],
    ["Authorization", "Bearer secret"],
    ["X-Carapace-Token", "secret"],
  ]);
  return { path: "notify", nowMs: 1_700_000_000_999, headers, query: "?a=1%202&a=2&b", payload, ...more };
}

function filled(template: string, payload: Json = {}): string {
  const rendered = render(template, contextOf(payload));
  return rendered.ok ? rendered.text : `cannot read ${rendered.expression}`;
}

const payload: Json = {
  ...{ name: "Ann", age: 7, on: true, off: null, headers2: 1 },
  items: [{ name: "Alpha" }, { name: "Beta", tags: [["x", "y"]] }],
  source: "s",
  "odd key": "odd",
};

const cases: readonly (readonly [string, string])[] = [
  ["{{ name }}/{{payload.name}}", "Ann/Ann"],
  ["{{age}} {{on}} [{{off}}] [{{missing}}] [{{missing.deep[3].x}}]", "7 true [] [] []"],
  ["{{items[0].name}}, {{items[1].name}}, {{items[1].tags[0][1]}}, {{items[9].name}}", "Alpha, Beta, y, "],
  ["{{items[0]}}", '{"name":"Alpha"}'],
  ["{{path}} {{now}}", "notify 2023-11-14T22:13:20Z"],
  ["{{headers.X-SOURCE}} [{{headers.none}}]", "monitor []"],
  ["[{{headers.authorization}}{{headers.x-carapace-token}}]", "[]"],
  ["{{query.a}} [{{query.b}}] [{{query.c}}]", "1%202 [] []"],
  ["{{odd key}}", "odd"],
  ["[{{name.length}}{{items.length}}{{items.0}}]", "[]"],
  ["{{unclosed", "{{unclosed"],
  ["}} {{name}} }}", "}} Ann }}"],
  ["{{a..b}}", "cannot read a..b"],
  ["{{}}", "cannot read "],
  ["{{a[x]}}", "cannot read a[x]"],
  ["{{a[}}", "cannot read a["],
];

for (const [template, text] of cases) {
  test(`${template} becomes ${text}`, () => expect(filled(template, payload)).toBe(text));
}

test("the whole payload can be named, unless it has a field of that name", () => {
  expect(filled("{{payload}}", [1, { a: 2 }])).toBe('[1,{"a":2}]');
  expect(filled("{{payload[0]}} {{[1].a}}", ["x", { a: 2 }])).toBe("x 2");
  expect(filled("{{payload}}", { payload: "own" })).toBe("own");
});

test("what an object inherits cannot be reached", () => {
  const names = [
    "__proto__",
    "constructor",
    "toString",
    "constructor.name",
    "hasOwnProperty",
    "items.constructor",
  ];
  for (const name of names) expect(filled(`[{{${name}}}]`, { items: [] })).toBe("[]");
  expect(filled("{{__proto__.x}}", JSON.parse('{"__proto__":{"x":"own"}}'))).toBe("own");
});

test("what is filled in is not read as a template again, and goes in as it is", () => {
  expect(filled("{{a}}", { a: '{{b}} $& \\n "q"\nline', b: "no" })).toBe('{{b}} $& \\n "q"\nline');
  expect(filled("{{a}}b}}", { a: "{{", b: "no" })).toBe("{{b}}");
});

test("a text that grows too long is cut, never in the middle of a character", () => {
  const text = filled("{{a}}".repeat(20), { a: "😀".repeat(20_000) });
  expect(text).toEndWith(cutMark);
  expect(text.length).toBeLessThanOrEqual(maxRenderedChars);
  expect(text.isWellFormed()).toBe(true);
});

test("any payload goes through any template without a throw, and only own values come out", () => {
  const word = fc.constantFrom(
    "a",
    "__proto__",
    "[0]",
    ".",
    "{{",
    "}}",
    "payload",
    "headers.",
    "constructor",
    " ",
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.jsonValue(), (words, value) => {
      const rendered = render(words.join(""), contextOf(JSON.parse(JSON.stringify(value))));
      if (rendered.ok) expect(rendered.text).not.toMatch(/native code|function/);
    }),
    { seed: 7, numRuns: 1000 },
  );
});
