import { expect, test } from "bun:test";
import { chatOf, chatPath, plain, startTestApi } from "../testing/api.ts";

const left = `openai:${"0a".repeat(16)}`;

test("what a process left behind when it died is taken away a day later, and nothing else", async () => {
  let nowMs = 1_800_000_000_000;
  await using api = await startTestApi({ replies: ["x"], world: { nowMs: () => nowMs } });
  using link = await api.gateway.connect();
  for (const key of [left, "openai:notes", "openai-user:ann", `x${left}`])
    await link.call("sessions.create", { key });
  nowMs += 25 * 3_600_000;
  const young = `openai:${"1b".repeat(16)}`;
  await link.call("sessions.create", { key: young });
  // The first request loads what answers, which tidies up meanwhile.
  await api.post(chatPath, chatOf(plain, "Hi"));
  const keys = async () => {
    const { payload } = await link.call("sessions.list");
    return Object(payload).sessions.map(({ key }: { key: string }) => key);
  };
  while ((await keys()).includes(left));
  expect((await keys()).sort()).toEqual(["openai-user:ann", young, "openai:notes", `x${left}`].sort());
});

test("names that cannot be a conversation's are refused", async () => {
  await using api = await startTestApi({ replies: ["x"] });
  const chat = chatOf("carapace", "Hi");
  const headers = { "X-Carapace-Session-Key": "k".repeat(1025) };
  expect((await api.post(chatPath, chat, { headers })).status).toBe(400);
  const refused = await api.post(chatPath, { ...chat, user: "u".repeat(250) });
  expect([refused.status, Object(await refused.json()).error.param]).toEqual([400, "user"]);
});
