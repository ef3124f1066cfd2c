import { expect, test } from "bun:test";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOutput, type Output, widthOf } from "./output.ts";

/** What is written to stderr. */
function told(secrets: readonly string[], act: (out: Output) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "carapace-output-"));
  try {
    const path = join(folder, "stderr");
    const stderr = openSync(path, "wx", 0o600);
    act(createOutput({ stdout: stderr, stderr, secrets: () => secrets }));
    return readFileSync(path, "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("what is told on stderr has no secret: by its shape, by its value, from the moment it is known", () => {
  const text = told(["swordfish99"], (out) => {
    out.fail("refused ghp_abcdefghijklmnopqrstuvwxyz0123456789 and swordfish99, not hunter2hunter2");
    out.hide(["hunter2hunter2"]);
    out.note("hunter2hunter2");
  });
  expect(text).toBe("Error: refused [REDACTED] and [REDACTED], not hunter2hunter2\n[REDACTED]\n");
});

test("a result is what was asked for, and stays", () => {
  expect(told(["swordfish99"], (out) => out.result("swordfish99"))).toBe("swordfish99\n");
});

test("a terminal that does not know its width is as wide as usual", () => {
  expect([widthOf(0), widthOf(undefined), widthOf(132)]).toEqual([80, 80, 132]);
});
