import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import type { AnyCommand } from "../command/definition.ts";
import { parseCommand } from "../command/parse.ts";
import { commands } from "../commands/index.ts";
import { type Outcome, outcomes, type ProviderAnswer, type SetupAnswers } from "./answers.ts";
import { nextCommands, rerunOf } from "./next.ts";

const key = { kind: "variable", name: "OPENAI_API_KEY" } as const;
const openai: ProviderAnswer = { provider: "openai", mode: "apiKey", key };

const answersFor = (outcome: Outcome, more: Partial<SetupAnswers> = {}): SetupAnswers => ({
  ...{ provider: openai, model: "openai:gpt-5", bind: "loopback", port: 18789, outcome, controlUi: false },
  auth: { mode: "token", token: new Secret("t") },
  ...more,
});

const all = [
  ...outcomes.map((outcome) => answersFor(outcome)),
  answersFor("local-chat", { provider: { provider: "offline" } }),
];

test("there are always three commands, all different, and each of them is one", async () => {
  for (const answers of all) {
    for (const status of ["ready", "partial", "invalid"] as const) {
      for (const hasServices of [true, false]) {
        const next = nextCommands(answers, status, hasServices).map(({ command }) => command);
        expect(new Set(next).size).toBe(3);
        expect(next.includes("cara service install") && !hasServices).toBe(false);
        for (const command of next) await isUnderstood(command);
      }
    }
  }
});

test("what does not work yet is to be mended first", () => {
  expect(nextCommands(answersFor("local-chat"), "invalid", true)[0]?.command).toBe(
    "cara setup --merge --provider openai --model openai:gpt-5",
  );
});

test("what was chosen beside the model stays when it is run again, and when the model is left out", () => {
  const answers = answersFor("telegram", {
    ...{ bind: "lan", port: 18801 },
    channel: { channel: "telegram", botToken: key, verifyTo: "4711" },
  });
  expect(nextCommands(answers, "invalid", true).map(({ command }) => command)).toEqual([
    "cara setup --merge --provider openai --model openai:gpt-5 --outcome telegram",
    "cara verify --outcome telegram --telegram-to 4711",
    "cara setup --merge --provider offline --outcome telegram",
  ]);
});

test("for Matrix nothing is promised that this version does not have", () => {
  const [first, second] = nextCommands(answersFor("matrix"), "ready", true);
  expect(first?.command).toBe("cara chat");
  expect(second?.says).toContain("later version");
});

test("a real message goes where the owner said, as one word of the shell", () => {
  const to = (verifyTo: string) =>
    nextCommands(
      answersFor("telegram", { channel: { channel: "telegram", botToken: key, verifyTo } }),
      "ready",
      true,
    )[0]?.command;
  expect(to("4711")).toBe("cara verify --outcome telegram --telegram-to 4711");
  expect(to("it's; rm")).toBe("cara verify --outcome telegram --telegram-to 'it'\\''s; rm'");
  expect(to("-100")).toBe("cara verify --outcome telegram --telegram-to=-100");
});

test("running it again says the way in where there are several", () => {
  const anthropic: ProviderAnswer = { provider: "anthropic", mode: "apiKey", key };
  expect(rerunOf(answersFor("hooks", { provider: anthropic, model: "anthropic:x" }))).toBe(
    "cara setup --merge --provider anthropic --auth-mode api-key --model anthropic:x --outcome hooks",
  );
});

async function isUnderstood(command: string): Promise<void> {
  const words = command.replace("<id>", "4711").split(" ").slice(1);
  const two = words.slice(0, 2).join(" ");
  const name = Object.hasOwn(commands, two) ? two : (words[0] ?? "");
  const load = commands[name];
  if (load === undefined) throw new Error(`${command}: no such command`);
  const found: AnyCommand = await load();
  const parsed = parseCommand(found.definition, words.slice(name.split(" ").length));
  expect([command, parsed.kind === "wrong"]).toEqual([command, false]);
}
