import { expect, test } from "bun:test";
import { modelHint, resumeLine } from "./opening.ts";

test("a session without messages says nothing", () => {
  expect(resumeLine("cli-chat", [])).toBeUndefined();
});

test("a long last message is cut, on one line", () => {
  expect(resumeLine("cli-chat", [`a\nb ${"x".repeat(100)}`, "older"])).toBe(
    `Continuing cli-chat; your last message was "a b ${"x".repeat(45)}…". /new starts a fresh session.`,
  );
});

test("only the built-in assistant asks for a model", () => {
  expect(modelHint("anthropic:some-model")).toBeUndefined();
  expect(modelHint("offline:basic")).toContain("ANTHROPIC_API_KEY");
});
