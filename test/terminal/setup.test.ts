import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { emptyHome, runCara } from "../../packages/cli/testing/cara.ts";
import { outcomePaths } from "./paths/outcomes.ts";
import { providerPaths } from "./paths/providers.ts";
import { terminalPaths } from "./paths/terminals.ts";
import { openGround } from "./support/ground.ts";
import { ahead } from "./support/pool.ts";
import { walk } from "./support/walk.ts";

/** As many as two processors keep busy while vendors and timers are waited for. */
const atOnce = 3;

const ground = await openGround();
afterAll(() => ground[Symbol.asyncDispose]());

const paths = [providerPaths, outcomePaths, terminalPaths].flatMap((paths) => paths(ground));
const walked = ahead(
  paths.map((path) => () => walk(path, ground)),
  atOnce,
);

for (const [index, { name }] of paths.entries()) {
  test(name, () => walked(index), 60_000);
}

test("without a terminal nothing is asked: what is missing is said, and nothing is written", async () => {
  using home = emptyHome();
  const ran = await runCara(["setup"], { home });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain("--provider");
  expect(existsSync(join(home.stateDir, "carapace.json"))).toBe(false);
});
