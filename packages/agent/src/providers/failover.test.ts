import { describe, expect, test } from "bun:test";
import { anthropicError } from "../../testing/index.ts";
import { collect, startVendor } from "../../testing/providers.ts";
import { type ScriptedReply, scriptedProvider } from "../../testing/scripted.ts";
import { turnBench } from "../../testing/turns.ts";
import type { ModelEvent, ModelRequest, ProviderFailureCode } from "../types.ts";
import { createCoolDown } from "./cool-down.ts";
import { type Candidate, withFallbacks } from "./failover.ts";

const request: ModelRequest = { model: "a", messages: [], tools: [], maxTokens: 10 };

function candidate(id: string, replies: readonly ScriptedReply[]) {
  const provider = { ...scriptedProvider(replies), id };
  return { model: { provider: id, model: `${id}-model` }, provider };
}

const failing = (code: ProviderFailureCode): ScriptedReply => ({ failed: { code, say: `${code}.` } });

async function ask(candidates: readonly [Candidate, ...Candidate[]], coolDown = createCoolDown(Date.now)) {
  const [first, ...others] = candidates;
  const events: ModelEvent[] = [];
  const answer = withFallbacks(first, others, coolDown).complete(request, new AbortController().signal);
  for await (const event of answer) events.push(event);
  return events;
}

const kinds = (events: readonly ModelEvent[]) => events.map(({ kind }) => kind);

test("a model that fails before its first word is replaced by the next in order, which says so", async () => {
  const [a, b, c] = [
    candidate("a", [failing("overloaded")]),
    candidate("b", [failing("quota")]),
    candidate("c", ["hi"]),
  ];
  const events = await ask([a, b, c]);
  expect(events).toMatchObject([
    { kind: "switched", from: "a:a-model", model: b.model, provider: "b", why: "overloaded." },
    { kind: "switched", from: "a:a-model", model: c.model, provider: "c", why: "quota." },
    { kind: "text", delta: "hi" },
    { kind: "stop" },
  ]);
  expect(c.provider.requests[0]?.model).toBe("c-model");
});

test("after the first word nothing takes its place", async () => {
  const b = candidate("b", ["hi"]);
  const events = await ask([candidate("a", [{ text: "half", failed: { code: "network", say: "cut" } }]), b]);
  expect(kinds(events)).toEqual(["text", "failed"]);
  expect(b.provider.requests).toHaveLength(0);
});

test.each(["content_filter", "bad_request", "context_overflow"] as const)(
  "%s is the request's own failure: no other model is asked",
  async (code) => {
    const b = candidate("b", ["hi"]);
    expect(await ask([candidate("a", [failing(code)]), b])).toMatchObject([
      { kind: "failed", failure: { code } },
    ]);
    expect(b.provider.requests).toHaveLength(0);
  },
);

test("when all fail, the failure names the first and the last", async () => {
  const events = await ask([candidate("a", [failing("auth")]), candidate("b", [failing("network")])]);
  expect(events.at(-1)).toMatchObject({
    kind: "failed",
    failure: { code: "network", say: "auth. Its fallback b:b-model failed, too: network." },
  });
});

test("when three fail, or the first one rests, it is still the one that is named", async () => {
  const coolDown = createCoolDown(() => 0);
  const three = () =>
    [
      candidate("a", [failing("auth")]),
      candidate("b", [failing("network")]),
      candidate("c", [failing("quota")]),
    ] as const;
  const say = "auth. Its fallback c:c-model failed, too: quota.";
  expect((await ask(three(), coolDown)).at(-1)).toMatchObject({ failure: { say } });
  const [a, , c] = three();
  const rested = createCoolDown(() => 0);
  rested.failed("a:a-model", { code: "auth", say: "auth." });
  expect((await ask([a, c], rested)).at(-1)).toMatchObject({ failure: { say } });
});

test("a model that is its own fallback, or is named twice, is asked once", async () => {
  const [a, b] = [candidate("a", [failing("network")]), candidate("b", [failing("network")])];
  const events = await ask([a, a, b, a, b]);
  expect(kinds(events)).toEqual(["switched", "failed"]);
  expect([a.provider.requests.length, b.provider.requests.length]).toEqual([1, 1]);
  const alone = candidate("a", [failing("network")]);
  expect(
    withFallbacks(
      alone,
      [alone],
      createCoolDown(() => 0),
    ),
  ).toBe(alone.provider);
});

describe("cool-down:", () => {
  test("a failed model rests, is asked again afterwards, and rests longer the second time", async () => {
    let now = 0;
    const coolDown = createCoolDown(() => now);
    const a = candidate("a", [failing("network"), failing("network"), "back"]);
    const pair = [a, candidate("b", ["hi"])] as const;
    await ask(pair, coolDown);
    expect(coolDown.list()).toEqual([{ model: "a:a-model", untilMs: 30_000, why: "network." }]);
    now = 29_999;
    expect(kinds(await ask(pair, coolDown))).toEqual(["switched", "text", "stop"]);
    expect(a.provider.requests).toHaveLength(1);
    now = 30_000;
    await ask(pair, coolDown);
    expect(coolDown.list()).toMatchObject([{ untilMs: 90_000 }]);
    now = 90_000;
    expect(kinds(await ask(pair, coolDown))).toEqual(["text", "stop"]);
    expect(coolDown.list()).toEqual([]);
  });

  test("a clock that is set back does not let a model rest for ever", async () => {
    let now = 31_536_000_000;
    const coolDown = createCoolDown(() => now);
    const pair = [candidate("a", [failing("network"), "back"]), candidate("b", ["hi"])] as const;
    await ask(pair, coolDown);
    now = 1;
    expect(coolDown.list()).toEqual([]);
    expect(kinds(await ask(pair, coolDown))).toEqual(["text", "stop"]);
  });

  test("when all rest, all are asked", async () => {
    const coolDown = createCoolDown(() => 0);
    const [a, b] = [candidate("a", [failing("network"), "hi"]), candidate("b", [failing("network")])];
    await ask([a, b], coolDown);
    expect(kinds(await ask([a, b], coolDown))).toEqual(["text", "stop"]);
  });
});

test("an abort asks nobody else", async () => {
  const aborted = AbortSignal.abort();
  const b = candidate("b", ["hi"]);
  const provider = withFallbacks(candidate("a", [failing("network")]), [b], createCoolDown(Date.now));
  for await (const _ of provider.complete(request, aborted)) expect.unreachable();
  expect(b.provider.requests).toHaveLength(0);
});

test("a turn tells of its fallback once, and its messages and costs are the fallback's", async () => {
  await using bench = await turnBench();
  const b = candidate("b", [{ calls: [{ name: "current_time" }] }, "done"]);
  const provider = withFallbacks(candidate("a", [failing("overloaded")]), [b], createCoolDown(Date.now));
  const { outcome, events } = await bench.send("hi", { provider });
  expect(outcome.status).toBe("completed");
  expect(events.filter(({ kind }) => kind === "switched")).toEqual([
    { kind: "switched", from: "a:a-model", model: "b:b-model", why: "overloaded." },
  ]);
  expect((await bench.history()).at(-1)).toMatchObject({ metadata: { model: "b:b-model" } });
  expect(await bench.state.usage.days(0)).toMatchObject([{ provider: "b", model: "b:b-model" }]);
});

test("a vendor is not waited for long while another model is at hand", async () => {
  await using vendor = await startVendor("anthropic");
  const limited = (seconds: string) =>
    anthropicError(429, { type: "rate_limit_error", message: "slow down" }, { "retry-after": seconds });
  vendor.server.reply(limited("30"));
  expect(await collect(vendor.provider, { ...request, hasFallback: true })).toMatchObject([
    { kind: "failed", failure: { code: "rate_limit" } },
  ]);
  vendor.server.reply(limited("1"), limited("1"));
  await collect(vendor.provider, { ...request, hasFallback: true });
  expect(vendor.waits).toEqual([1000]);
  expect(vendor.server.requests).toHaveLength(3);
});
