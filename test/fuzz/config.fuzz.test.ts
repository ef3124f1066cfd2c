// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configReference, loadConfig } from "@carapace/config";
import { patchConfig, validateConfig } from "@carapace/config/write";
import fc from "fast-check";

/** Generated inputs of each kind; 110,000 together. */
const runs = { texts: 55_000, files: 20_000, trees: 34_000, patches: 1_000 };
const seed = 20_261_122;
const patience = 120_000;

const folder = mkdtempSync(join(tmpdir(), "carapace-fuzz-"));
const path = join(folder, "carapace.json5");
const env = { HOME: folder, CARAPACE_STATE_DIR: folder, SET: "value", EMPTY: "" };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const words = [
  "gateway",
  "port",
  "auth",
  "token",
  "agents",
  "list",
  "defaults",
  "model",
  "routes",
  "env",
  "vars",
  "$include",
];
const names = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...words,
      "plugins",
      "matrix",
      "channels",
      "usage",
      "tools",
      "policy",
      "filesystem",
      "roots",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("__proto__", "constructor", "toString", "", "hooks", "CARAPACE_STATE_DIR"),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 6, unit: "binary" }) },
);
const plain = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    1,
    -1,
    1.5,
    18789,
    70000,
    "lan",
    "none",
    "openai:x",
    "off",
    "https://x.org",
  ),
  fc.constantFrom<unknown>([], {}, [1], ["a"], ["/tmp"], { x: 1 }, "", " ", "constructor"),
);
const leaves = fc.oneof(
  fc.constantFrom(
    "${SET}",
    "$${SET}",
    "${NOT_SET}",
    "${A}",
    "enc:v2:a:b:c",
    "enc:v9:x",
    "openai:x",
    "carapace.json5",
    ".",
    "/dev/null",
  ),
  fc.constantFrom<unknown>(null, true, 0, -1, 18789, 1e308, "lan", "none"),
  fc.string({ maxLength: 8, unit: "binary" }),
  fc.double(),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaves,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(names, tie("tree"), { maxKeys: 5, noNullPrototype: true }),
  ),
}));
const root = fc.dictionary(names, tree, { maxKeys: 6, noNullPrototype: true });

/** Real keys with any values: what goes wrong deep inside a file that is nearly right. */
const keys = (await configReference()).map((row) => row.path);
const shaped = fc
  .array(fc.tuple(fc.constantFrom(...keys), fc.oneof({ weight: 3, arbitrary: plain }, tree)), {
    maxLength: 6,
  })
  .map((entries) =>
    entries.reduce<unknown>((all, [key, value]) => put(all, key.split(/\.|(?=\[\])/), value), {}),
  );

function put(node: unknown, [step, ...rest]: string[], value: unknown): unknown {
  if (step === undefined) return value;
  if (step === "[]") return [...(Array.isArray(node) ? node : []), put(undefined, rest, value)];
  const fields = typeof node === "object" && node !== null && !Array.isArray(node) ? node : {};
  const name = step === "<name>" ? "fast" : step;
  const old: unknown = Object.entries(fields).find(([known]) => known === name)?.[1];
  return { ...fields, [name]: put(old, rest, value) };
}

const tokens = fc.constantFrom(
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  '"',
  "'",
  "//",
  "/*",
  "*/",
  "\n",
  "\\",
  "\\u00",
  "0x",
  "1e",
  "-",
  "Infinity",
  "NaN",
  "null",
  " ",
  "\u2028",
  "\uFEFF",
  ...words,
);
const soup = fc
  .array(fc.oneof(tokens, fc.string({ maxLength: 4, unit: "binary" })), { maxLength: 30 })
  .map((parts) => parts.join(""));
const damaged = fc.tuple(root, fc.nat(), fc.nat({ max: 12 }), soup).map(([value, at, length, junk]) => {
  const text = JSON.stringify(value);
  const cut = at % (text.length + 1);
  return text.slice(0, cut) + junk.slice(0, 6) + text.slice(cut + length);
});

/** A refusal in words, never a stack trace, and never longer than a person would read. */
function expectAnswer(result: { ok: boolean; say?: string }): void {
  if (result.ok) return;
  expect(result.say).toBeTruthy();
  expect(result.say).not.toMatch(/\n\s+at /);
}

test(
  `${runs.texts} texts are read or refused, and never break the reader`,
  async () => {
    const property = fc.asyncProperty(fc.oneof(soup, damaged), async (raw) => {
      expectAnswer(await validateConfig({ raw }, { env, path }));
    });
    await fc.assert(property, { numRuns: runs.texts, seed });
  },
  patience,
);

test(
  `${runs.files} files of any bytes are loaded or refused`,
  async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.oneof(soup, damaged).map((text) => Buffer.from(text)),
    );
    const property = fc.asyncProperty(bytes, async (content) => {
      writeFileSync(path, content);
      expectAnswer(await loadConfig({ env, path }));
    });
    await fc.assert(property, { numRuns: runs.files, seed });
    rmSync(path);
  },
  patience,
);

test(
  `${runs.trees} trees give a typed configuration with every default, whatever is wrong with them`,
  async () => {
    const property = fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: shaped }, root), async (value) => {
      writeFileSync(path, JSON.stringify(value));
      const loaded = await loadConfig({ env, path });
      expectAnswer(loaded);
      if (!loaded.ok) return;
      const { config, issues } = loaded.value;
      expect(config.gateway.port).toBeWithin(1, 65536);
      expect(Array.isArray(config.agents.list)).toBe(true);
      expect(
        issues.every((issue) => issue.message !== "" && (issue.path === "" || issue.path.startsWith("."))),
      ).toBe(true);
    });
    await fc.assert(property, { numRuns: runs.trees, seed });
    rmSync(path);
  },
  patience,
);

test(
  `${runs.patches} patches leave a file that loads, or the file as it was`,
  async () => {
    const before = "{\n  // mine\n  gateway: {port: 4000}, // here\n  routes: {a: {model: 'openai:x'}},\n}\n";
    const context = { env, path, method: "config.patch", through: "a test" };
    const property = fc.asyncProperty(fc.oneof(shaped, root), async (patch) => {
      writeFileSync(path, before);
      const hash = new Bun.CryptoHasher("sha256").update(before).digest("hex");
      const written = await patchConfig(JSON.stringify(patch), hash, context);
      expectAnswer(written);
      const text = await Bun.file(path).text();
      expect(text).toContain("// mine");
      if (!written.ok) expect(text).toBe(before);
      const loaded = await loadConfig({ env, path });
      expect(loaded.ok && loaded.value.issues.filter((issue) => issue.severity === "error")).toEqual([]);
    });
    await fc.assert(property, { numRuns: runs.patches, seed });
  },
  patience,
);

expect(Object.values(runs).reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(100_000);
