import { expect, test } from "bun:test";
import { sessionKind } from "./session-view.ts";

test.each([
  ["global", undefined, "global"],
  ["unknown", undefined, "unknown"],
  ["cli-chat", undefined, "direct"],
  ["telegram:group:5", undefined, "group"],
  ["sid_ab", "discord:channel:7", "group"],
  ["sid_ab", "discord:7", "direct"],
])("the session %s of chat %p is %s", (key, chatId, kind) => {
  expect<string>(sessionKind(key, chatId)).toBe(kind);
});
