import { expect, test } from "bun:test";
import { temporaryState } from "@carapace/state/testing";
import { refusal } from "./answer.ts";
import { type CallKey, createOnce, digestOfCall, idOfCall } from "./once.ts";

const call: CallKey = { scope: "hook:agent", key: "k", digest: "d", ttlMs: 1000 };
const accepted = { status: 202, body: { ok: true, runId: "r" } };

test("an accepted call is answered again for its time; then it is a new one", async () => {
  await using temporary = await temporaryState();
  let nowMs = 0;
  let carriedOut = 0;
  const work = async () => {
    carriedOut += 1;
    return accepted;
  };
  const again = () => createOnce({ answers: temporary.state.answers, nowMs: () => nowMs })(call, work);
  expect(await again()).toEqual({ answer: accepted, isRepeated: false });
  // Another instance: as after a restart.
  expect(await again()).toEqual({ answer: accepted, isRepeated: true });
  nowMs = 1000;
  expect(await again()).toMatchObject({ isRepeated: false });
  expect(carriedOut).toBe(2);
});

test("what was refused, or failed, may be tried again with the same key", async () => {
  await using temporary = await temporaryState();
  const once = createOnce({ answers: temporary.state.answers, nowMs: () => 0 });
  expect(await once(call, async () => refusal(503, "full"))).toMatchObject({ answer: { status: 503 } });
  await expect(once(call, () => Promise.reject(new Error("disk full")))).rejects.toThrow("disk full");
  expect(await once(call, async () => accepted)).toEqual({ answer: accepted, isRepeated: false });
});

test("what a process that died had begun is done again, with the same id", async () => {
  await using temporary = await temporaryState();
  await temporary.state.answers.claim(call.scope, call.key, { digest: "d", nowMs: 0, ttlMs: 1000 });
  const once = createOnce({ answers: temporary.state.answers, nowMs: () => 1 });
  expect(await once(call, async () => accepted)).toEqual({ answer: accepted, isRepeated: false });
});

test("the same key with something else is refused, at the same time and later", async () => {
  await using temporary = await temporaryState();
  const once = createOnce({ answers: temporary.state.answers, nowMs: () => 0 });
  const other = { ...call, digest: "other" };
  const both = await Promise.all([once(call, async () => accepted), once(other, async () => accepted)]);
  expect(both.map(({ answer }) => answer.status)).toEqual([202, 422]);
  expect(await once(other, async () => accepted)).toMatchObject({ answer: { status: 422 } });
});

test("the id of a call is a UUID that comes from its key and its hook alone", () => {
  const id = idOfCall(call);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(idOfCall({ scope: "hook:agent", key: "k" })).toBe(id);
  expect(idOfCall({ scope: "hook:other", key: "k" })).not.toBe(id);
  expect(idOfCall({ scope: "hook", key: ":agentk" })).not.toBe(id);
  expect(digestOfCall("a", Buffer.from("b"))).not.toBe(digestOfCall("ab", Buffer.from("")));
});
