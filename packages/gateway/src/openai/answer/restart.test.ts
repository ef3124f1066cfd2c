import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chatOf, chatPath, startTestApi, textOf } from "../testing/api.ts";

const headers = { "Idempotency-Key": "k1" };
const chat = chatOf("carapace", "Hi");

test("a turn that a stop of the gateway cut off is gone on with, and answers whoever comes back with its key", async () => {
  const stateDir = await mkdtemp(join(tmpdir(), "carapace-openai-"));
  await using after = new AsyncDisposableStack();
  after.defer(() => rm(stateDir, { recursive: true, force: true }));
  const times = { drainBudgetMs: 10 };
  const asked = Promise.withResolvers<void>();
  const cutOff = { text: "half", before: () => asked.resolve(), hang: true } as const;
  {
    await using first = await startTestApi({ stateDir, times, replies: [cutOff] });
    const answer = first.post(chatPath, chat, { headers }).catch(() => undefined);
    await asked.promise;
    await first.gateway.gateway.close("test");
    expect((await answer)?.status).not.toBe(200);
  }
  let calls = 0;
  const whole = () => {
    calls += 1;
    return "whole";
  };
  await using second = await startTestApi({ stateDir, times, replies: [whole] });
  expect(await textOf(await second.post(chatPath, chat, { headers }))).toBe("whole");
  expect(await textOf(await second.post(chatPath, chat, { headers }))).toBe("whole");
  expect(calls).toBe(1);
  using link = await second.gateway.connect();
  expect((await link.call("sessions.list")).payload["count"]).toBe(0);
});
