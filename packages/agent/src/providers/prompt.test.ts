import { expect, test } from "bun:test";
import type { Block } from "@carapace/protocol";
import { owner, request } from "../../testing/providers.ts";
import type { ModelMessage } from "../types.ts";
import { toCallOptions } from "./prompt.ts";

const text = (words: string): Block => ({ type: "text", text: words, origin: owner });
const call = (id: string): Block => ({ type: "tool_use", id, name: "find", input: { id } });
const result = (id: string, content = `found ${id}`): Block => ({
  type: "tool_result",
  toolUseId: id,
  name: "find",
  content,
  isError: false,
  origin: { kind: "tool" },
});
const user = (...blocks: Block[]): ModelMessage => ({ role: "user", blocks });
const assistant = (...blocks: Block[]): ModelMessage => ({ role: "assistant", blocks });

/** Each message as its role and its parts' ids or texts. */
function outline(...messages: ModelMessage[]): string[] {
  return toCallOptions(request({ messages }), { marksErrors: true }).prompt.map((message) => {
    if (typeof message.content === "string") return `${message.role}: ${message.content}`;
    const parts = message.content.map((part) =>
      "toolCallId" in part ? part.toolCallId : "text" in part ? part.text : "?",
    );
    return `${message.role}: ${parts.join(" ")}`;
  });
}

test("calls go with their results, and the results with the text that follows them", () => {
  expect(
    outline(
      user(text("go")),
      assistant(text("ok"), call("a"), call("b")),
      user(result("b"), result("a"), text("and?")),
    ),
  ).toEqual(["user: go", "assistant: ok a b", "tool: b a", "user: and?"]);
});

test("results of one turn that stand in several messages become one", () => {
  expect(
    outline(user(text("go")), assistant(call("a"), call("b")), user(result("a")), user(result("b"))),
  ).toEqual(["user: go", "assistant: a b", "tool: a b"]);
});

test("a call without a result is not sent, nor is what is left empty by that", () => {
  expect(outline(user(text("one")), assistant(call("lost")), user(text("two")))).toEqual(["user: one two"]);
});

test("a call at the very end is not sent", () => {
  expect(outline(user(text("one")), assistant(text("hm"), call("lost")))).toEqual([
    "user: one",
    "assistant: hm",
  ]);
});

test("a result without its call in the message before is not sent", () => {
  expect(
    outline(
      user(result("x"), text("one")),
      assistant(call("a")),
      user(text("late")),
      assistant(text("so")),
      user(result("a")),
    ),
  ).toEqual(["user: one late", "assistant: so"]);
});

test("of two results for one call the first is sent, of two calls with one id the first", () => {
  const twice = toCallOptions(
    request({
      messages: [
        user(text("go")),
        assistant(call("a"), call("a")),
        user(result("a", "first"), result("a", "second")),
      ],
    }),
    { marksErrors: true },
  );
  expect(JSON.stringify(twice.prompt)).toContain("first");
  expect(JSON.stringify(twice.prompt)).not.toContain("second");
  expect(outline(user(text("go")), assistant(call("a"), call("a")), user(result("a")))).toEqual([
    "user: go",
    "assistant: a",
    "tool: a",
  ]);
});

test("texts of nothing but blanks are left out", () => {
  expect(outline(user(text("go"), text(" \n")), assistant(text("")), user(text("on")))).toEqual([
    "user: go on",
  ]);
});

test("an id another vendor made is sent in letters all vendors take", () => {
  expect(outline(user(text("go")), assistant(call("call.1:é")), user(result("call.1:é")))).toEqual([
    "user: go",
    "assistant: call_1__",
    "tool: call_1__",
  ]);
});

test("the input of a call that was no object is sent as an empty one", () => {
  const odd: Block = { type: "tool_use", id: "a", name: "find", input: "text" };
  const { prompt } = toCallOptions(
    request({ messages: [user(text("go")), assistant(odd), user(result("a"))] }),
    { marksErrors: true },
  );
  expect(prompt[1]).toMatchObject({ content: [{ toolCallId: "a", input: {} }] });
});

test("without a mark for errors an error result is plain text", () => {
  const failed: Block = {
    type: "tool_result",
    toolUseId: "a",
    name: "find",
    content: "no",
    isError: true,
    origin: { kind: "tool" },
  };
  const asked = request({ messages: [user(text("go")), assistant(call("a")), user(failed)] });
  expect(toCallOptions(asked, { marksErrors: false }).prompt[2]).toMatchObject({
    content: [{ output: { type: "text", value: "no" } }],
  });
  expect(toCallOptions(asked, { marksErrors: true }).prompt[2]).toMatchObject({
    content: [{ output: { type: "error-text" } }],
  });
});
