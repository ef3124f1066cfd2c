import { describe, expect, test } from "bun:test";
import type { Block } from "@carapace/protocol";
import { turnBench } from "../../testing/turns.ts";
import { builtInTools } from "../tools/index.ts";
import { expressionIn } from "./arithmetic.ts";
import { nextMove } from "./next-move.ts";
import { plainText } from "./plain-text.ts";
import { createOfflineProvider } from "./provider.ts";
import { readQuestion } from "./question.ts";
import { zoneOf } from "./zones.ts";

const offline = {
  provider: createOfflineProvider(),
  agent: { model: { provider: "offline", model: "basic" } },
};

async function chat(...questions: readonly string[]): Promise<string[]> {
  await using bench = await turnBench();
  const answers: string[] = [];
  for (const question of questions)
    answers.push((await bench.send(question, offline)).outcome.response ?? "");
  return answers;
}

function move(text: string, tools = builtInTools) {
  return nextMove({
    messages: [{ role: "user", blocks: [{ type: "text", text, origin: { kind: "owner" } }] }],
    tools,
  });
}

test("it answers a sum through the same loop as a model, word by word", async () => {
  await using bench = await turnBench();
  const { events, outcome } = await bench.send("What is 6*7?", offline);
  expect(outcome.response).toBe("6*7 = 42");
  expect(events.map((event) => event.kind)).toEqual([
    "started",
    "tool_use",
    "tool_result",
    "text",
    "text",
    "text",
    "completed",
  ]);
});

describe("tools asked for by", () => {
  test.each([
    ["what time is it?", "current_time"],
    ["What's the time in Tokyo right now?", "current_time"],
    ["could you please tell me what time it is in New York?", "current_time"],
    ["hey carapace, what day is it", "current_time"],
    ["what is the current date in Berlin", "current_time"],
    ["6*7", "math_eval"],
    ["calculate (1+2)^3 / 4", "math_eval"],
    ["how much is 17% of 230?", "math_eval"],
    ["what is seven plus 3", "math_eval"],
    ["Remember that the code is 7", "memory_write"],
    ["my name is Ada", "memory_write"],
    ["call me Ada!", "memory_write"],
    ["don’t forget I like tea", "memory_write"],
    ["what do you remember?", "memory_list"],
    ["what do you know about me", "memory_list"],
    ["What’s my name?", "memory_read"],
    ["do you remember my dog?", "memory_read"],
    ["forget my name", "memory_list"],
    ["search my sessions for lisbon", "session_search"],
    ["find lisbon in our old conversations", "session_search"],
    ["what did I say about lisbon?", "session_search"],
    ["whats 15% of 80", "math_eval"],
    ["2+2?", "math_eval"],
    ["10/4", "math_eval"],
    ["calc (3+4)*5", "math_eval"],
    ["what is the square root of 16?", "math_eval"],
    ["time in new york", "current_time"],
    ["whats the time in london", "current_time"],
    ["date", "current_time"],
    ["today", "current_time"],
    ["what's todays date", "current_time"],
    ["which day is today", "current_time"],
    ["What year is it ?", "current_time"],
    ["what time is it in paris, france", "current_time"],
    ["remember: buy milk", "memory_write"],
    ["my name's Ada", "memory_write"],
    ["notes", "memory_list"],
    ["whats my name", "memory_read"],
    ["what's the name of my dog", "memory_read"],
    ["delete note dog", "memory_list"],
    ["remove my name", "memory_list"],
    ["search for cat", "session_search"],
    ["find cat", "session_search"],
    ["what did I say about cats", "session_search"],
    ["are you there?", "status_read"],
    ["status", "status_read"],
    ["How are you?", "status_read"],
  ])("%p: %s", (text, tool) => expect(move(text)).toHaveProperty("use.0.name", tool));
});

describe("said to", () => {
  test.each([
    ["Hello!", "built-in assistant"],
    ["hello there!!", "built-in assistant"],
    ["help", "what is 17% of 230"],
    ["?", "what is 17% of 230"],
    ["what tools do you have", "what is 17% of 230"],
    ["What can you do?", "what is 17% of 230"],
    ["who are you?", "not a language model"],
    ["are you an AI?", "not a language model"],
    ["What model do you use?", "not a language model"],
    ["How do I add a model?", "cara setup"],
    ["set up openai", "cara setup"],
    ["can I use ollama", "cara setup"],
    ["add a key", "cara setup"],
    ["Thanks!", "welcome"],
    ["bye", "Goodbye"],
    ["write me a poem about rain", "not a language model"],
    ["what time is it on the moon base in Atlantis", "not a language model"],
    ["what time is it in Atlantis", "do not know the time zone"],
    ["remind me tomorrow to call mum", "not a language model"],
    ["5!", "not a language model"],
    ["forget everything", "one note at a time"],
    ["forget that", "Which note?"],
    ["x".repeat(3000), "not a language model"],
  ])("%p: …%s…", (text, part) => expect(move(text)).toMatchObject({ say: expect.stringContaining(part) }));
});

test("it remembers, recalls, lists and forgets", async () => {
  const answers = await chat(
    "what do you remember?",
    "My name is Ada.",
    "remember that my dog is called Rex",
    "What is my name?",
    "what's my dog called?",
    "what do you remember?",
    "forget my dog",
    "what is my dog called",
    "forget my cow",
  );
  expect(answers).toEqual([
    'I have no notes yet. Tell me, for example, "remember that my dog is called Rex".',
    "Nice to meet you, Ada. I will remember your name.",
    "Noted: your dog is Rex.",
    "Your name is Ada.",
    "Your dog is Rex.",
    "This is what I remember:\n- dog: Rex\n- name: Ada",
    "Forgotten: dog.",
    'I have no note about "dog". Tell me, for example, "my dog is …", and I will remember it.',
    'I have no note about "cow".',
  ]);
});

test("a note is found again however its name is written", async () => {
  const answers = await chat(
    "Remember that my sister's birthday is 3 May",
    "what's my sister’s birthday?",
    "whats my sisters birthday",
    "my dog's name is Rex",
    "what's the name of my dog?",
    "my favourite colour is blue",
    "what is my favorite color",
    "who am i",
    "forget my sister's birthday",
    "when is my sister's birthday",
  );
  expect(answers).toEqual([
    "Noted: your sister's birthday is 3 May.",
    "Your sister's birthday is 3 May.",
    "Your sisters birthday is 3 May.",
    "Noted: your dog's name is Rex.",
    "Your dog is Rex.",
    "Noted: your favourite colour is blue.",
    "Your favorite color is blue.",
    'I have no note about "name". Tell me, for example, "my name is …", and I will remember it.',
    "Forgotten: sisters birthday.",
    'I have no note about "sister\'s birthday". Tell me, for example, "my sister\'s birthday is …", and I will remember it.',
  ]);
});

test("it finds cat and cats alike", async () => {
  const answers = await chat("our cat sleeps all day", "two cats are better", "what did I say about cats?");
  expect(answers[2]).toContain("our cat sleeps all day");
  expect(answers[2]).toContain("two cats are better");
});

test("it finds what was said, but not the question itself", async () => {
  const answers = await chat(
    "I went to Lisbon in spring",
    "search my sessions for lisbon",
    "search my sessions for tokyo",
  );
  expect(answers[1]).toBe('I found this about "lisbon":\n- 2026-11-22 you: I went to Lisbon in spring');
  expect(answers[2]).toBe('I found nothing about "tokyo" in our conversations.');
});

test("it asks which note when several fit", async () => {
  const answers = await chat("remember tea is green", "remember tea is black too", "forget tea");
  expect(answers[2]).toStartWith("Which one?");
});

test("it tells the time of a place and the status", async () => {
  const answers = await chat("what time is it in são paulo?", "what time is it", "status", "1/0");
  expect(answers[0]).toBe(
    "It is 09:00 on Sunday, 22 November 2026 in São Paulo (America/Sao_Paulo, UTC-03:00).",
  );
  expect(answers[1]).toStartWith("It is ");
  expect(answers[2]).toBe("I am up and running.\n- status: ok");
  expect(answers[3]).toBe("That did not work: Division by zero.");
});

test("instructions inside a note are told, not followed", async () => {
  const answers = await chat(
    "remember that my plan is forget my name",
    "my name is Ada",
    "what is my plan?",
    "what is my name?",
  );
  expect(answers[2]).toBe("Your plan is forget my name.");
  expect(answers[3]).toBe("Your name is Ada.");
});

test("a tool that is switched off is named", async () => {
  await using bench = await turnBench();
  const agent = {
    model: { provider: "offline", model: "basic" },
    tools: { policy: "deny-list", list: ["math_eval"] },
  } as const;
  const { outcome } = await bench.send("6*7", { ...offline, agent });
  expect(outcome.response).toBe("For that I need the tool math_eval, and it is switched off here.");
});

test("another model than basic is refused", async () => {
  await using bench = await turnBench();
  const { outcome } = await bench.send("hi", {
    ...offline,
    agent: { model: { provider: "offline", model: "advanced" } },
  });
  expect(outcome).toMatchObject({ status: "failed", error: expect.stringContaining("offline:basic") });
});

test("what the program itself wrote into a context is no question", () => {
  const system: Block = { type: "text", text: "6*7", origin: { kind: "system" } };
  expect(readQuestion([{ role: "user", blocks: [system] }])).toBeUndefined();
});

test("a peer's fenced message is read without its fence", () => {
  const text = "<<<UNTRUSTED abc from peer bob>>>\n6*7\n<<<END abc>>>";
  const peer: Block = { type: "text", text, origin: { kind: "peer", ref: "bob" } };
  expect(readQuestion([{ role: "user", blocks: [peer] }])?.text).toBe("6*7");
});

test.each([
  ["tokyo", "Asia/Tokyo"],
  ["New York", "America/New_York"],
  ["europe/berlin", "Europe/Berlin"],
  ["MUNICH", "Europe/Berlin"],
  ["Zürich", "Europe/Zurich"],
  ["UTC", "UTC"],
  ["Atlantis", undefined],
])("the zone of %p is %p", (place, zone) => expect(zoneOf(place)).toBe(zone));

test.each([
  ["what is 6*7", "6*7"],
  ["1,234 + 1", "1234 + 1"],
  ["12 x 12", "12*12"],
  ["10 divided by 4", "10 / 4"],
  ["two to the power of ten", "2 ^ 10"],
  ["5 squared", "5 ^2"],
  ["6 × 7 =", "6 * 7"],
  ["what is 2 + 2 equal to", "2 + 2"],
  ["square root of 16", "(16)^0.5"],
  ["sqrt(9 + 7) * 2", "((9 + 7))^0.5 * 2"],
  ["half of 50", "1/2* 50"],
  ["15% tip on 60", "15/100* 60"],
  ["what is 42", undefined],
  ["2026-11-22", undefined],
  ["+49 30 1234", undefined],
  ["what is love", undefined],
  ["e-mail", undefined],
])("the sum in %p is %p", (text, expression) => expect(expressionIn(text)).toBe(expression));

test.each([
  ["  Hey Carapace, could you please   help me?? ", "help me"],
  ["hello", "hello"],
  ["please", "please"],
])("%p reads %p", (text, plain) => expect(plainText(text)).toBe(plain));
