import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { emptyHome, launcher, runCara } from "../../packages/cli/testing/cara.ts";
import { openScreen } from "../../packages/cli/testing/terminal.ts";
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

test("questions that nobody would see are not asked", async () => {
  using home = emptyHome();
  const command = ["sh", "-c", `${launcher} setup > ${join(home.folder, "answers")}`];
  await using screen = openScreen([], { ...home.env }, { command });
  await screen.until("there is no terminal to ask on");
  expect(await screen.exited).toBe(1);
  expect(existsSync(join(home.stateDir, "carapace.json"))).toBe(false);
});
