import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setupProviders } from "@carapace/config/setup";
import { emptyHome } from "../../testing/cara.ts";
import { allDefinitions, groups } from "../commands/index.ts";
import { outcomes } from "../setup/answers.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { completionModel } from "./model.ts";
import { zshCompletion } from "./zsh.ts";

const model = completionModel(await allDefinitions(), groups);

/** What bash offers for the last of the words. */
async function bashOffers(...words: string[]): Promise<string[]> {
  const typed = ["cara", ...words].map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _cara; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return await lines(["bash", "--norc", "-c", `${bashCompletion(model)}\n${ask}`]);
}

async function fishOffers(typed: string): Promise<string[]> {
  const script = `${fishCompletion(model)}\ncomplete -C'${typed}'`;
  return (await lines(["fish", "--no-config", "-c", script])).map((line) => line.split("\t")[0] ?? "");
}

async function lines(command: string[]): Promise<string[]> {
  // A home of their own: shells leave folders in it.
  using home = emptyHome();
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe", env: home.env });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  await child.exited;
  expect(stderr).toBe("");
  return stdout.split("\n").filter((line) => line !== "");
}

describe("bash", () => {
  test("offers what setup is told, beside which other words are right", async () => {
    expect(await bashOffers("setup", "--outcome", "")).toEqual([...outcomes]);
    const providers = setupProviders.map(({ id }) => id);
    expect((await bashOffers("setup", "--provider", "")).sort()).toEqual([...providers, "offline"].sort());
  });

  test("completes commands, groups and their members", async () => {
    expect(await bashOffers("star")).toEqual(["start"]);
    expect(await bashOffers("con")).toEqual(["config"]);
    expect(await bashOffers("secrets", "")).toEqual(["list", "where", "get", "set", "rm"]);
    expect(await bashOffers("config", "")).toEqual([
      "show",
      "get",
      "set",
      "unset",
      "validate",
      "path",
      "seal",
      "rekey",
    ]);
  });

  test("completes options, choices and arguments, and knows when a value is free", async () => {
    expect(await bashOffers("logs", "--l")).toEqual(["--lines", "--level"]);
    expect(await bashOffers("logs", "--level", "")).toEqual(["trace", "debug", "info", "warn", "error"]);
    expect(await bashOffers("logs", "-n", "")).toEqual([]);
    expect(await bashOffers("completion", "z")).toEqual(["zsh"]);
    expect(await bashOffers("config", "get", "--e")).toEqual(["--effective"]);
    expect(await bashOffers("help", "con")).toEqual(["config"]);
  });

  test("completes files where a file is wanted, blanks and all", async () => {
    using home = emptyHome();
    writeFileSync(join(home.folder, "a draft.json5"), "{}");
    const start = join(home.folder, "a");
    expect(await bashOffers("config", "validate", start)).toEqual([`${start} draft.json5`]);
    expect(await bashOffers("config", "validate", "--j")).toEqual(["--json"]);
    expect(await bashOffers("config", "get", start)).toEqual([]);
  });
});

describe.skipIf(Bun.which("fish") === null)("fish", () => {
  test("completes commands, members, options and choices", async () => {
    expect(await fishOffers("cara star")).toEqual(["start"]);
    expect((await fishOffers("cara config ")).sort()).toEqual([
      "get",
      "path",
      "rekey",
      "seal",
      "set",
      "show",
      "unset",
      "validate",
    ]);
    expect(await fishOffers("cara logs --lev")).toEqual(["--level"]);
    expect((await fishOffers("cara logs --level ")).sort()).toEqual([
      "debug",
      "error",
      "info",
      "trace",
      "warn",
    ]);
    expect(await fishOffers("cara completion z")).toEqual(["zsh"]);
    expect(await fishOffers("cara config get --e")).toEqual(["--effective"]);
    expect(await fishOffers("cara config validate /dev/nul")).toEqual(["/dev/null"]);
  });
});

describe.skipIf(Bun.which("zsh") === null)("zsh", () => {
  test("the script loads and registers itself", async () => {
    const script = `autoload -Uz compinit && compinit -D\n${zshCompletion(model)}\nprint -r -- $_comps[cara]`;
    expect(await lines(["zsh", "-f", "-c", script])).toEqual(["_cara"]);
  });
});
