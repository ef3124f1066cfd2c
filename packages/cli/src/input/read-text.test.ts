import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readText } from "./read-text.ts";

const limits = { option: "--payload", maxBytes: 1024 };

function scratch(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "cara-text-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

test("what is typed is meant as it is, and @ names a file", async () => {
  using dir = scratch();
  const path = join(dir.path, "a.json");
  writeFileSync(path, "{}");
  expect(await readText("hello", limits)).toEqual({ ok: true, value: "hello" });
  expect(await readText(`@${path}`, limits)).toEqual({ ok: true, value: "{}" });
});

test("what is too large, no file or not there is refused by its name", async () => {
  using dir = scratch();
  const path = join(dir.path, "a.json");
  writeFileSync(path, "x".repeat(1025));
  const say = async (given: string) => {
    const read = await readText(given, limits);
    return read.ok ? "" : read.say;
  };
  expect(await say("x".repeat(1025))).toBe("--payload is larger than 1 KiB");
  expect(await say(`@${path}`)).toBe(`${path} is larger than 1 KiB`);
  expect(await say(`@${dir.path}`)).toBe(`${dir.path} is not a file`);
  expect(await say("@/nowhere/at/all")).toBe("/nowhere/at/all cannot be read (ENOENT)");
});
