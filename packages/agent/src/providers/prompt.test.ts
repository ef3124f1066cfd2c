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

test("texts of nothing but blanks are left out", () => {
  const messages = [
    user(text("go"), text(" \n")),
    assistant(text(""), call("a")),
    user(result("a"), text("")),
  ];
  expect(outline(...messages)).toEqual(["user: go", "assistant: a", "tool: a"]);
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
