import { expect, test } from "bun:test";
import { replyOptions } from "./reply-options.ts";

test("what a caller asks of a reply reaches the vendor, and nothing is made up", () => {
  expect(replyOptions({}, true)).toEqual({});
  const asked = { topP: 0.5, frequencyPenalty: 1, presencePenalty: -1, seed: 7, stop: ["END"] };
  expect(replyOptions({ ...asked, effort: "low" }, false)).toEqual({
    topP: 0.5,
    frequencyPenalty: 1,
    presencePenalty: -1,
    seed: 7,
    stopSequences: ["END"],
    reasoning: "low",
  });
});

test("JSON is asked for with its schema, or without one", () => {
  expect(replyOptions({ json: {} }, false)).toEqual({ responseFormat: { type: "json" } });
  const schema = { type: "object" } as const;
  expect(replyOptions({ json: { name: "answer", schema } }, false)).toEqual({
    responseFormat: { type: "json", name: "answer", schema: { type: "object" } },
  });
});

test("a choice of tools counts only where there are tools", () => {
  expect(replyOptions({ toolChoice: "required" }, false)).toEqual({});
  expect(replyOptions({ toolChoice: "required" }, true)).toEqual({ toolChoice: { type: "required" } });
  expect(replyOptions({ toolChoice: { name: "look" } }, true)).toEqual({
    toolChoice: { type: "tool", toolName: "look" },
  });
});
