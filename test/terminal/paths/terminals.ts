import { expect } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../../../packages/cli/testing/cara.ts";
import { freePort } from "../../../packages/cli/testing/port.ts";
import { openScreen } from "../../../packages/cli/testing/terminal.ts";
import { secrets } from "../support/ground.ts";
import { back, down, endOfInput, enter, interrupt, pasted } from "../support/keys.ts";
import type { Path, PathsOn, Turn } from "../support/path.ts";
import { interrupted } from "./interrupted.ts";
import { everyStep, model, pick, quick, usualRest, write } from "./talk.ts";

const color = /\x1b\[(3[0-7]|9[0-7]|4[0-7]|2|9|39|22)m/;

const toKey = (found: number): readonly Turn[] => [
  quick,
  pick("Anthropic", found),
  ["How do you sign in", enter],
  model,
];
const skip = (found: number): readonly Turn[] => [quick, pick("Skip", found), write];

/** Wrong input, and too much of it. */
const inputPaths: PathsOn = ({ models, found }) => [
  {
    name: "wrong input is asked about again, with a sentence",
    env: { ANTHROPIC_BASE_URL: models },
    talk: [
      ...[quick, pick("Anthropic", found), ["How do you sign in", enter] as Turn],
      ["Which model", `gpt 5${enter}`],
      ["has a blank in it", `\x15openai:gpt-5${enter}`],
      ["is a model of openai", `\x15${enter}`],
      ["Anthropic API key", enter],
      ["Type or paste the API key", `two words${enter}`],
      ["There is a blank", `schlüssel-mit-umlaut${enter}`],
      ["There are characters", `${secrets.anthropic}${enter}`],
      write,
    ],
    says: ["local-chat works."],
  },
  {
    name: "a key in the wrong place is not taken, and a wrong key is found out",
    env: { ANTHROPIC_BASE_URL: models },
    talk: [
      ...toKey(found).slice(0, -1),
      ["Which model", `sk-ant-api03-made-up-and-shown-0123456789${enter}`],
      ["That looks like a key", `\x15${enter}`],
      ["Anthropic API key", `${secrets.refused}${enter}`],
      ["Write it anyway?", enter],
      ["Anthropic API key", `${secrets.anthropic}${enter}`],
      write,
    ],
    says: ["local-chat works."],
  },
  {
    name: "a wrong key, and then rather nothing",
    env: { ANTHROPIC_BASE_URL: models },
    talk: [
      ...toKey(found),
      ["Anthropic API key", `${secrets.refused}${enter}`],
      ["Write it anyway?", `${down(2)}${enter}`],
    ],
    ...{ exit: 1, says: ["Nothing was written."] },
  },
  {
    name: "a no at the end writes nothing",
    talk: [quick, pick("Skip", found), ["Write it?", `${down(2)}${enter}`]],
    ...{ exit: 1, says: ["Nothing was written."] },
  },
  {
    name: "a pasted key loses what nobody sees, and the line break that came with it",
    env: { ANTHROPIC_BASE_URL: models },
    talk: [
      ...toKey(found),
      ["Anthropic API key", `${pasted(`\u200b${secrets.anthropic}\u202e\n`)}${enter}`],
      write,
    ],
    config: { anthropic: { apiKey: secrets.anthropic } },
  },
  {
    name: "a huge paste, several lines, and keys that mean nothing",
    env: { ANTHROPIC_BASE_URL: models },
    talk: [
      ...toKey(found),
      ["Anthropic API key", pasted("x".repeat(200_000))],
      ["200000 characters", `${pasted("one\ntwo\nthree")}${enter}`],
      ["There is a blank", `\x1b[15~\x1bx\x1b[1;5C\x00\x1a\t${secrets.anthropic}${enter}`],
      write,
    ],
    config: { anthropic: { apiKey: secrets.anthropic } },
  },
  {
    name: "everything typed ahead at once",
    talk: [["How do you want", `${enter}\x1b[A${enter}${enter}`]],
    says: ["local-chat works."],
  },
];

/** Back, and on where it was stopped. */
const returnPaths: PathsOn = ({ models, found }) => [
  {
    name: "back, and another way: nothing of the first one is left",
    env: { ANTHROPIC_BASE_URL: models },
    talk: [
      ...toKey(found),
      ["Anthropic API key", back],
      ["Which model", back],
      ["How do you sign in", back],
      ["Who answers?", back],
      ["How do you want to set up?", back],
      ["How do you want to set up?", enter],
      ["Who answers?", `${"\x1b[A".repeat(found + 1)}${enter}`],
      write,
    ],
    says: ["local-chat works."],
    config: { agents: { defaults: { model: "offline:basic" } } },
    after: ({ stateDir }) =>
      expect(readFileSync(join(stateDir, "carapace.json"), "utf8")).not.toContain("anthropic"),
  },
  {
    name: "not resumed: everything is asked from the beginning",
    prepare: withDraft,
    talk: [["Go on where you stopped?", "n"], quick, pick("Skip", found), write],
    says: ["local-chat works."],
  },
  {
    name: "a draft that was tampered with is as if there were none",
    prepare: (home) => withDraft(home, { provider: "anthropic", apiKey: "x" }),
    talk: [quick, pick("Skip", found), write],
    saysNot: ["Go on where you stopped?"],
  },
  {
    name: "resumed: what was answered is not asked again, keys are",
    env: { ANTHROPIC_BASE_URL: models },
    talk: [...toKey(found), ["Anthropic API key", interrupt]],
    exit: 130,
    after: async (home) => {
      const draft = readFileSync(join(home.stateDir, "setup-draft.json"), "utf8");
      expect(draft).toContain("anthropic:claude-sonnet-4-6");
      const env = { ...home.env, PATH: "/usr/bin:/bin", LANG: "C.UTF-8", ANTHROPIC_BASE_URL: models };
      await using again = openScreen(["setup", "--port", String(await freePort())], env);
      await again.until("Go on where you stopped?");
      again.type(enter);
      await again.until("Anthropic API key");
      again.type(`${secrets.anthropic}${enter}`);
      await again.until("Write it?");
      again.type(enter);
      expect(await again.exited).toBe(0);
      expect(again.all()).not.toContain("Who answers?");
      expect(existsSync(join(home.stateDir, "setup-draft.json"))).toBe(false);
    },
    config: {},
  },
];

/** What the command line says already is not asked. */
const wordPaths: PathsOn = ({ models, found }) => [
  {
    name: "provider, sign-in and model on the command line: the key alone is asked for",
    words: ["--provider", "claude", "--auth-mode", "api-key", "--model", "claude-sonnet-4-6"],
    env: { ANTHROPIC_BASE_URL: models },
    talk: [quick, ["Anthropic API key", `${secrets.anthropic}${enter}`], write],
    says: ["local-chat works."],
    saysNot: ["Who answers?", "How do you sign in", "Which model"],
  },
  {
    name: "a model of nobody's family waits for a yes",
    words: ["--model", "gpt-5.2"],
    env: { ANTHROPIC_BASE_URL: models },
    talk: [
      ...toKey(found).slice(0, -1),
      ["is not known as a model of Anthropic", "n"],
      ["Which model of Anthropic", enter],
      ["Anthropic API key", `${secrets.anthropic}${enter}`],
      write,
    ],
    config: { agents: { defaults: { model: "anthropic:claude-sonnet-4-6" } } },
  },
  {
    name: "a model of the chosen family needs none",
    words: ["--model", "claude-opus-4-5", "--bind", "lan"],
    env: { ANTHROPIC_BASE_URL: models },
    talk: [...toKey(found).slice(0, -1), ["Anthropic API key", `${secrets.anthropic}${enter}`], write],
    config: { gateway: { bind: "lan" }, agents: { defaults: { model: "anthropic:claude-opus-4-5" } } },
    saysNot: ["Which model"],
  },
  {
    name: "who wants to read what is typed may, and the check is left out",
    env: { VENICE_BASE_URL: models },
    words: ["--skip-live-check"],
    talk: [
      everyStep,
      ["Hide keys and passwords", "n"],
      pick("Venice", found),
      ["own address", enter],
      ["Address of the Venice API", enter],
      model,
      ["Venice API key", `a-key-that-is-shown-on-purpose${enter}`],
      ...usualRest,
    ],
    says: ["a-key-that-is-shown-on-purpose"],
    saysNot: ["now whether this works?"],
  },
];

/** Terminals that are narrow, plain, or change. */
const screenPaths: PathsOn = ({ models, found }) => [
  narrow(found),
  {
    name: "the window is made narrower and wider while it is asked",
    talk: [
      quick,
      [
        "Who answers?",
        (screen) => {
          screen.resize(40);
          return "";
        },
      ],
      [
        "Skip",
        (screen) => {
          screen.resize(100);
          return `\x1b[A${enter}`;
        },
      ],
      write,
    ],
    says: ["local-chat works."],
  },
  {
    name: "no colour, if NO_COLOR says so",
    env: { NO_COLOR: "1" },
    talk: skip(found),
    ...{ says: ["local-chat works."], saysNot: [color] },
  },
  {
    name: "ASCII alone, if the locale knows no more",
    env: { LANG: "C", LC_ALL: "POSIX" },
    talk: skip(found),
    saysNot: [/[^\x00-\x7f]/],
  },
  {
    name: "a terminal that cannot draw is asked line by line",
    env: { TERM: "dumb", ANTHROPIC_BASE_URL: models },
    talk: [
      ["Number [1]:", `7x${enter}`],
      ["Type a number", `1${enter}`],
      ["Who answers?", ""],
      ["Number [1]:", found > 0 ? `2${enter}` : enter],
      ["Number [1]:", enter],
      ["Which model", enter],
      ["Anthropic API key", `${secrets.refused}\x15${secrets.anthropic}${enter}`],
      ["Number [1]:", enter],
    ],
    ...{
      says: ["local-chat works."],
      saysNot: ["\x1b"],
      config: { anthropic: { apiKey: secrets.anthropic } },
    },
  },
];

/** Everything that ends a setup before its time. */
const endPaths: PathsOn = ({ models, found }) => [
  {
    name: "the input ends: an error, no default",
    talk: [quick, ["Who answers?", endOfInput]],
    ...{ exit: 1, says: ["the input ended"] },
  },
  {
    name: "Esc leaves a check that takes long, Ctrl-C the whole setup",
    env: { ANTHROPIC_BASE_URL: models },
    talk: [
      ...toKey(found),
      ["Anthropic API key", `${secrets.unanswered}${enter}`],
      ["Asking Anthropic", `${enter}${enter}`],
      ["", back],
      ["Anthropic API key", `${secrets.unanswered}${enter}`],
      ["Asking Anthropic", interrupt],
    ],
    ...{ exit: 130, says: ["Run cara setup again to go on"] },
  },
  {
    name: "SIGTERM: stopped in order",
    talk: [
      quick,
      [
        "Who answers?",
        (screen) => {
          screen.kill("SIGTERM");
          return "";
        },
      ],
    ],
    exit: 130,
  },
  ...interrupted(found, models),
  {
    name: "Ctrl-C at every later question of a provider with a key",
    env: { ANTHROPIC_BASE_URL: models },
    talk: [...toKey(found), ["Anthropic API key", `${secrets.anthropic}${enter}`], ["Write it?", interrupt]],
    ...{ exit: 130, says: ["Run cara setup again to go on"] },
  },
];

/** Wrong input, other terminals, and everything that ends a setup before its time. */
export const terminalPaths: PathsOn = (ground) =>
  [inputPaths, returnPaths, wordPaths, screenPaths, endPaths].flatMap((paths) => paths(ground));

/** 40 columns: no line is longer, but an address. */
function narrow(found: number): Path {
  return {
    name: "40 columns",
    columns: 40,
    talk: [["How do you want to set up?", enter], pick("Skip", found), write],
    says: ["local-chat works."],
    after: (_home, screen) => {
      const drawn = screen.all().split("Written.")[0] ?? "";
      const lines = drawn.replace(/\x1b\[[0-9;?]*[a-zA-Z]/g, "\n").split(/\r?\n/);
      expect(lines.filter((line) => line.length > 40)).toEqual([]);
    },
  };
}

function withDraft({ stateDir }: Home, answers: object = { pace: "every", provider: "venice" }): void {
  mkdirSync(stateDir, { mode: 0o700 });
  const draft = { version: 1, savedAtMs: Date.now() - 1000, answers };
  writeFileSync(join(stateDir, "setup-draft.json"), JSON.stringify(draft), { mode: 0o600 });
}
