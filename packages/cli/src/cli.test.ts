import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { emptyHome, launcher, runCara } from "../testing/cara.ts";
import { allDefinitions, commands } from "./commands/index.ts";

test("--version answers at once, before anything is set up", async () => {
  using home = emptyHome();
  for (const flag of ["--version", "-V"]) {
    expect(await runCara([flag], { home })).toEqual({ code: 0, stdout: "cara 0.1.0\n", stderr: "" });
  }
});

test("help goes to stdout and names every command", async () => {
  using home = emptyHome();
  const ran = await runCara(["--help"], { home });
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  for (const name of Object.keys(commands)) expect(ran.stdout).toContain(`  ${name} `);
  expect(await runCara(["help"], { home })).toEqual(ran);
});

test("every command explains itself with its usage and an example", async () => {
  using home = emptyHome();
  const names = Object.keys(commands);
  const ran = await Promise.all(names.map((name) => runCara([...name.split(" "), "--help"], { home })));
  for (const [at, name] of names.entries()) {
    expect(ran[at]).toMatchObject({ code: 0, stderr: "" });
    expect(ran[at]?.stdout).toContain(`Usage: cara ${name}`);
    expect(ran[at]?.stdout).toContain("Examples:");
  }
});

test("the table's names are those of the definitions", async () => {
  const definitions = await allDefinitions();
  expect(definitions.map((definition) => definition.name)).toEqual(Object.keys(commands));
});

test("no help shows the letters of an escape where a line should end", async () => {
  const explained = (await allDefinitions()).map(({ summary, details = [] }) => [summary, ...details].join());
  expect(explained.filter((text) => text.includes("\\n"))).toEqual([]);
});

const wrongUsages: readonly (readonly [words: readonly string[], says: string])[] = [
  [["staus"], 'unknown command "staus" (did you mean status?)'],
  [["__proto__"], 'unknown command "__proto__"'],
  [["constructor"], 'unknown command "constructor"'],
  [["config"], "cara config needs a command"],
  [["config", "gte"], 'unknown command "gte" (did you mean get?)'],
  [["config", "-x"], "unknown option -x"],
  [["config", "get"], "<key> is missing"],
  [["status", "--jsn"], "unknown option --jsn (did you mean --json?)"],
  [["status", "-p", "70000"], "-p must be a whole number from 1 to 65535"],
  [["--prot", "1"], "unknown option --prot (did you mean --port?)"],
  [["logs", "--level", "loud"], "--level must be one of trace, debug, info, warn, error"],
  [["completion", "tcsh"], '<shell> must be one of bash, zsh, fish, not "tcsh"'],
  [["version", "now"], 'unexpected argument "now"'],
  [["help", "toString"], 'unknown command "toString"'],
  [["help", "statsu"], 'unknown command "statsu" (did you mean status?)'],
];

for (const [words, says] of wrongUsages) {
  test(`wrong usage exits with 2 and says so on stderr: ${words.join(" ")}`, async () => {
    using home = emptyHome();
    const ran = await runCara(words, { home });
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toStartWith(`Error: ${says}`);
  });
}

test("terminal codes in what was typed are not sent back to the terminal", async () => {
  using home = emptyHome();
  const ran = await runCara(["\u001b[2Jx"], { home });
  expect(ran.code).toBe(2);
  expect(ran.stderr).not.toContain("\u001b");
});

test.skipIf(!existsSync("/dev/full"))("results that cannot be written are an error", async () => {
  using home = emptyHome();
  const options = { env: home.env, stdout: Bun.file("/dev/full"), stderr: "pipe" } as const;
  const child = Bun.spawn([launcher, "config", "path"], options);
  expect(await child.stderr.text()).toBe("Error: standard output takes nothing more (ENOSPC)\n");
  expect(await child.exited).toBe(1);
});

test("a reader that goes away early is no error", async () => {
  using home = emptyHome();
  const script = `"${launcher}" completion bash | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const child = Bun.spawn(["bash", "-c", script], { env: home.env, stdout: "pipe", stderr: "pipe" });
  expect(await child.stderr.text()).toBe("");
  expect((await child.stdout.text()).split("\n")[1]).toBe("0");
});
