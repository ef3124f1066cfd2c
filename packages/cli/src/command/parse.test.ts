import { expect, test } from "bun:test";
import type { CommandDefinition } from "./definition.ts";
import { parseCommand } from "./parse.ts";

const definition = {
  name: "try",
  summary: "Try it",
  args: {
    key: { help: "The key", isRequired: true },
    rest: { help: "The rest", isRequired: false, isRest: true },
  },
  options: {
    lines: { kind: "whole", short: "n", value: "number", min: 1, max: 50, help: "How many" },
    level: { kind: "choice", choices: ["low", "high"], help: "Which" },
    name: { kind: "text", value: "text", help: "A name" },
    dryRun: { kind: "flag", short: "d", help: "Only say it" },
  },
  examples: [],
} as const satisfies CommandDefinition;

const parse = (...words: string[]) => parseCommand(definition, words);
const said = (...words: string[]) => {
  const parsed = parse(...words);
  return parsed.kind === "wrong" ? parsed.say : parsed.kind;
};

test("values arrive under their keys, absent ones undefined, flags false", () => {
  expect(parse("k", "-n", "5", "--dry-run")).toEqual({
    kind: "run",
    options: { lines: 5, level: undefined, name: undefined, dryRun: true },
    args: { key: "k", rest: undefined },
  });
});

test("every way of writing a value is understood", () => {
  for (const words of [["-n", "7"], ["-n7"], ["-n=7"], ["--lines", "7"], ["--lines=7"]]) {
    expect(parse("k", ...words)).toMatchObject({ kind: "run", options: { lines: 7 } });
  }
});

test("what follows -- is never an option", () => {
  expect(parse("--", "--name", "-x")).toMatchObject({ kind: "run", args: { key: "--name", rest: "-x" } });
});

test("the last argument takes the rest of the words", () => {
  expect(parse("k", "a", "b")).toMatchObject({ args: { key: "k", rest: "a b" } });
});

test("-h and --help win over everything else", () => {
  expect(said("--help")).toBe("help");
  expect(said("-h", "--nonsense")).toBe("help");
});

test("wrong usage is told with what was meant", () => {
  expect(said()).toBe("<key> is missing");
  expect(said("k", "--nam", "x")).toBe("unknown option --nam (did you mean --name?)");
  expect(said("k", "-z")).toBe("unknown option -z");
  expect(said("k", "--lines")).toBe("--lines needs a value");
  expect(said("k", "--lines", "x")).toBe('--lines must be a whole number from 1 to 50, not "x"');
  expect(said("k", "-n", "0")).toBe('-n must be a whole number from 1 to 50, not "0"');
  expect(said("k", "-n", "1e1")).toBe('-n must be a whole number from 1 to 50, not "1e1"');
  expect(said("k", "--level", "mid")).toBe('--level must be one of low, high, not "mid"');
  expect(said("k", "--dry-run=no")).toBe("--dry-run takes no value");
});

test("a number below zero in an argument's place is told how to be written", () => {
  expect(said("k", "-1")).toBe("unknown option -1; put -- before a value that begins with -");
  expect(parse("--", "k", "-1")).toMatchObject({ kind: "run", args: { rest: "-1" } });
});

test("a forgotten value does not swallow the next option", () => {
  expect(said("k", "--name", "--dry-run")).toBe(
    "--name needs a value; if --dry-run is meant, write --name=--dry-run",
  );
  expect(parse("k", "--name=--dry-run")).toMatchObject({ options: { name: "--dry-run", dryRun: false } });
});

test("a word too many is refused", () => {
  const { rest, ...args } = definition.args;
  expect(parseCommand({ ...definition, args }, ["k", "l"])).toEqual({
    kind: "wrong",
    say: 'unexpected argument "l"',
  });
});
