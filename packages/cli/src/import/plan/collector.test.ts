// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import type { Tree } from "../read/tree.ts";
import { createCollector } from "./collector.ts";
import type { TargetKey } from "./settings.ts";

const openclawLike = {
  reference: /(?<!\$)\$\{([A-Z_][A-Z0-9_]*)\}/g,
  isVariableName: (text: string) => /^[A-Z_]+_KEY$/.test(text),
  fileReference: /\{file:[^}]*\}/,
};
const own: Readonly<Record<string, string>> = { MY_KEY: "sk-mine", EMPTY: "", NESTED: "${HOME}" };

function offered(key: TargetKey, value: Tree) {
  const collector = createCollector({ dialect: openclawLike, lookup: (name) => own[name] });
  collector.offer({ from: "file path", key, value });
  return { value: collector.mappings[0]?.value, reason: collector.skips[0]?.reason };
}

test.each<[Tree, string]>([
  ["sk-1", "sk-1"],
  ["  sk-1\n", "sk-1"],
  ["${MY_KEY}", "sk-mine"],
  ["x-${MY_KEY}-y", "x-sk-mine-y"],
  ["MY_KEY", "sk-mine"],
  [{ source: "env", provider: "default", id: "MY_KEY" }, "sk-mine"],
])("%p is a key", (value, text) => {
  expect(offered("openai.apiKey", value)).toEqual({ value: text, reason: undefined });
});

test.each<[Tree, string]>([
  ["${AWS_SECRET_ACCESS_KEY}", "refers to the variable AWS_SECRET_ACCESS_KEY"],
  ["${PATH}", "refers to the variable PATH"],
  ["OTHER_KEY", "refers to the variable OTHER_KEY"],
  [{ source: "env", id: "HOME" }, "refers to the variable HOME"],
  [{ source: "env", id: "a\u001b[2Jb" }, "refers to the variable, which"],
  [{ source: "exec", id: "cat /etc/passwd" }, "stands in a store"],
  ["$${MY_KEY}", "holds ${"],
  ["${lower}", "holds ${"],
  ["sk-${", "holds ${"],
  ["${NESTED}", "holds ${"],
  ["{file:~/.ssh/id_ed25519}", "refers to a file"],
  ["enc:v2:aaaa:bbbb:cccc", "sealed"],
  ["sk-\u001b[2Jx", "nobody can see"],
  ["sk-\u202ex", "nobody can see"],
  ["sk-\u0000x", "nobody can see"],
  ["sk a", "no key has"],
  ["sk-ключ", "no key has"],
  ["x".repeat(5000), "longer than 4096"],
  ["change-me", "placeholder"],
  ["<your key>", "placeholder"],
  ["your_google_ai_studio_key_here", "placeholder"],
  [12, "is not a text"],
  [true, "is not a text"],
  [["sk"], "is not a text"],
  [{ a: 1 }, "is not a text"],
])("%p is left out, and told why", (value, reason) => {
  const result = offered("openai.apiKey", value);
  expect(result).toEqual({ value: undefined, reason: expect.stringContaining(reason) });
});

test.each<Tree>(["", "  ", null, "${EMPTY}"])("%p is nothing at all", (value) => {
  expect(offered("openai.apiKey", value).value).toBeUndefined();
  expect(offered("openai.apiKey", value).reason).toBe(undefined);
});

test.each([
  ["http://localhost:11434", undefined],
  ["https://proxy.example.com/v1/", undefined],
  ["localhost", "no address"],
  ["file:///etc/passwd", "of the web"],
  ["javascript:alert(1)", "of the web"],
  ["https://user:pass@example.com", "user name or a password"],
  ["https://example.com/?key=sk-1", "behind its path"],
  ["https://inference.local/v1", "sandbox"],
])("the address %p is %p", (value, reason) => {
  const result = offered("openai.baseUrl", value);
  expect(result).toEqual(
    reason === undefined
      ? { value, reason: undefined }
      : { value: undefined, reason: expect.stringContaining(reason) },
  );
});

test("the first value of a key counts, and another one is told without its text", () => {
  const collector = createCollector();
  const at = (from: string, value: string) => collector.offer({ from, key: "openai.apiKey", value });
  expect([at("one", "sk-1"), at("two", "sk-2"), at("three", "sk-1")]).toEqual([true, false, false]);
  expect(collector.mappings).toEqual([
    { source: "one", key: "openai.apiKey", value: "sk-1", isSecret: true },
  ]);
  expect(collector.skips).toEqual([{ path: "two", reason: "one counts before it" }]);
});

test("names of a file are told on one line, short and without secrets, and not without end", () => {
  const collector = createCollector();
  collector.skip(`a\n\u001b[2J\u202eb ${"x".repeat(500)}`, "why");
  collector.skip("sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH", "why");
  expect(collector.skips[0]?.path).toMatch(/^a \[2Jb x+…$/);
  expect(collector.skips[0]?.path.length).toBe(160);
  expect(collector.skips[1]?.path).not.toContain("abcdefghijklmnop");
  for (let n = 0; n < 1000; n++) collector.skip(`name ${n}`, "why");
  expect(collector.skips).toHaveLength(201);
  expect(collector.skips.at(-1)).toEqual({ path: "…", reason: "only the first 200 are told" });
});

const server = (value: Tree, url: Tree) => ({
  apiKey: { from: "key", key: "openai.apiKey", value } as const,
  url: { from: "url", key: "openai.baseUrl", value: url } as const,
});

test.each<[string, Tree, Tree, Record<string, string>]>([
  [
    "a key and its address",
    "k",
    "https://x.example",
    { "openai.apiKey": "k", "openai.baseUrl": "https://x.example" },
  ],
  ["a server without a key", null, "https://x.example", { "openai.baseUrl": "https://x.example" }],
  ["a key whose address is wrong", "k", "https://u:p@x.example", {}],
  ["an address whose key is not known", "${NONE}", "https://x.example", {}],
])("%s", (_what, value, url, mapped) => {
  const collector = createCollector({ dialect: openclawLike });
  expect(collector.offerServer(server(value, url))).toBe(Object.keys(mapped).length > 0);
  expect(Object.fromEntries(collector.mappings.map((one) => [one.key, one.value]))).toEqual(mapped);
});

test.each<Tree>(["other", null, "vendor"])(
  "the vendor's key is not sent to a server whose key is %p",
  (value) => {
    const collector = createCollector();
    collector.offer({ from: "first", key: "openai.apiKey", value: "vendor" });
    expect(collector.offerServer(server(value, "https://x.example"))).toBe(false);
    expect(collector.mappings.map(({ key }) => key)).toEqual(["openai.apiKey"]);
    expect(collector.skips.map(({ path }) => path)).toEqual(["key", "url"]);
  },
);
