import { expect, test } from "bun:test";
import type { Json } from "@carapace/protocol";
import { type ScriptedReply, scriptedProvider } from "../../testing/scripted.ts";
import { callModel } from "./model-call.ts";

async function call(reply: ScriptedReply) {
  const provider = scriptedProvider([reply]);
  const request = { model: "m", messages: [], tools: [], maxTokens: 1 };
  const told: string[] = [];
  const answer = await callModel(
    { provider, request, signal: new AbortController().signal },
    {
      secrets: [],
      onText: () => told.push("text"),
      onCall: ({ name }) => told.push(name),
      usedIds: new Set(),
      newId: () => "id",
    },
  );
  return { answer, told };
}

const long = "word ".repeat(220_000);
const tooLong = { kind: "failed", failure: { code: "bad_response", say: expect.stringContaining("1 MiB") } };
const writing = (value: Json) => ({ name: "memory_write", input: { value } });

test("an answer of more than 1 MiB ends there", async () => {
  expect((await call(long)).answer.end).toMatchObject(tooLong);
});

test("arguments of more than 1 MiB, in one call or in several, are not taken", async () => {
  expect(await call({ calls: [writing(long)] })).toMatchObject({
    answer: { calls: [], end: tooLong },
    told: [],
  });
  const half = long.slice(0, 600_000);
  const { answer, told } = await call({ calls: [writing(half), writing(half)] });
  expect(answer.end).toMatchObject(tooLong);
  expect(told).toEqual(["memory_write"]);
});

test("what is shorter is taken whole", async () => {
  const { answer } = await call({ text: "so", calls: [writing(long.slice(0, 900_000))] });
  expect(answer).toMatchObject({ text: "so", end: { kind: "stop", reason: "tool_use" } });
  expect(answer.calls).toHaveLength(1);
});
