import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { emptyHome, runCara } from "../../packages/cli/testing/cara.ts";
import { terminalPaths } from "./paths/terminals.ts";
import { walkAll } from "./support/walk-all.ts";

await walkAll(terminalPaths);

test("without a terminal nothing is asked: what is missing is said, and nothing is written", async () => {
  using home = emptyHome();
  const ran = await runCara(["setup"], { home });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain("--provider");
  expect(existsSync(join(home.stateDir, "carapace.json"))).toBe(false);
});
