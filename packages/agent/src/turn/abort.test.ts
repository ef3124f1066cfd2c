import { expect, test } from "bun:test";
import { textOf } from "@carapace/protocol";
import { scriptedProvider } from "../../testing/scripted.ts";
import { probeTool } from "../../testing/tools.ts";
import { turnBench } from "../../testing/turns.ts";

test("an abort before the turn cancels it without asking the model", async () => {
  await using bench = await turnBench();
  const provider = scriptedProvider(["no"]);
  const { outcome, events } = await bench.send("go", { provider, signal: AbortSignal.abort() });
  expect(outcome.status).toBe("cancelled");
  expect(events.map((event) => event.kind)).toEqual(["started", "cancelled"]);
  expect(provider.requests).toHaveLength(0);
});

test("an abort while text streams keeps it, marked, even if the provider hangs", async () => {
  await using bench = await turnBench();
  const abort = new AbortController();
  const { outcome, events } = await bench.send("go", {
    provider: scriptedProvider([{ text: "Once upon", hang: true }]),
    signal: abort.signal,
    onEvent: (event) => event.kind === "text" && abort.abort(),
  });
  expect(outcome).toMatchObject({ status: "cancelled", response: "Once upon" });
  expect(events.at(-1)).toEqual({ kind: "cancelled" });
  const last = (await bench.history()).at(-1);
  expect(last).toMatchObject({ role: "assistant", metadata: { interrupted: true } });
  expect(textOf(last?.blocks ?? [])).toBe("Once upon");
});

test("an abort after calls were streamed takes them back", async () => {
  await using bench = await turnBench();
  const abort = new AbortController();
  const { events } = await bench.send("go", {
    provider: scriptedProvider([{ calls: [{ id: "a", name: "time" }], hang: true }]),
    signal: abort.signal,
    onEvent: (event) => event.kind === "tool_use" && abort.abort(),
  });
  expect(events.slice(-2)).toEqual([
    { kind: "tool_use_cancelled", id: "a", name: "time", reason: "aborted" },
    { kind: "cancelled" },
  ]);
  expect(await bench.history()).toHaveLength(1);
});

test("an abort while a tool runs reaches the tool, and its call gets a result", async () => {
  await using bench = await turnBench();
  const abort = new AbortController();
  const stopped = Promise.withResolvers<boolean>();
  const slow = probeTool("slow", "read", async (_input, context) => {
    context.signal.addEventListener("abort", () => stopped.resolve(true), { once: true });
    abort.abort();
    await new Promise(() => {});
    return null;
  });
  const later = probeTool("later", "once", () => "ran");
  const { outcome, events } = await bench.send("go", {
    provider: scriptedProvider([{ calls: [{ name: "slow" }, { name: "later" }] }, "no"]),
    tools: [slow, later],
    signal: abort.signal,
  });
  expect(outcome.status).toBe("cancelled");
  expect(await stopped.promise).toBe(true);
  expect(later.inputs).toHaveLength(0);
  expect(events.filter((event) => event.kind === "tool_result")).toHaveLength(2);
  expect((await bench.history()).map((message) => message.role)).toEqual([
    "user",
    "assistant",
    "tool",
    "tool",
  ]);
});

test("after an abort the session goes on", async () => {
  await using bench = await turnBench();
  await bench.send("one", { provider: scriptedProvider(["no"]), signal: AbortSignal.abort() });
  const provider = scriptedProvider(["Here."]);
  const { outcome } = await bench.send("two", { provider });
  expect(outcome.response).toBe("Here.");
  expect(provider.requests[0]?.messages).toHaveLength(1);
});

test("an abort that someone else made durable first is not told twice", async () => {
  await using bench = await turnBench();
  const { outcome, events } = await bench.send("go", {
    provider: scriptedProvider(["Hi"]),
    journal: (real) => ({
      ...real,
      finish: async (runId, _outcome, nowMs) => {
        await real.finish(runId, { status: "cancelled" }, nowMs);
        return false;
      },
    }),
  });
  expect(outcome).toEqual({ status: "cancelled" });
  expect(events.map((event) => event.kind)).toEqual(["started", "text"]);
});
