import { expect, test } from "bun:test";
import { type RunId, textOf } from "@carapace/protocol";
import { dying } from "../../testing/dying.ts";
import { scriptedProvider } from "../../testing/scripted.ts";
import { probeTool } from "../../testing/tools.ts";
import { turnBench } from "../../testing/turns.ts";
import type { ModelRequest } from "../types.ts";

const journalled = ["begin", "step", "toolStarted", "results", "step", "results", "finish"] as const;

/** Decides from what it reads, as a model does: pay, then look, then answer. */
function nextReply(request: ModelRequest) {
  const results = request.messages
    .flatMap((message) => message.blocks)
    .filter((block) => block.type === "tool_result");
  if (results.length === 0) return { text: "Paying.", calls: [{ id: "p", name: "pay" }] };
  if (results.length === 1)
    return {
      calls: [
        { id: "l", name: "look" },
        { id: "n", name: "note" },
      ],
    };
  return "All done.";
}

for (const [at, write] of journalled.entries()) {
  for (const when of ["before", "after"] as const) {
    test(`killed ${when} write ${at} (${write}), the run goes on and ends once, without paying twice`, async () => {
      await using bench = await turnBench();
      const pay = probeTool("pay", "once", () => "paid");
      const look = probeTool("look", "read", () => "seen");
      const note = probeTool("note", "idempotent", () => "noted");
      const options = { provider: scriptedProvider([nextReply]), tools: [pay, look, note] };
      await bench.send("pay the bill", { ...options, runId: "r1", journal: (real) => dying(real, at, when) });
      const { outcome, events } = await bench.resume("r1", options);

      const isDone = write === "finish" && when === "after";
      expect(outcome).toMatchObject({ status: "completed", response: "All done." });
      expect(events.filter((event) => event.kind === "completed")).toHaveLength(isDone ? 0 : 1);
      expect(pay.inputs).toHaveLength(at === 2 && when === "after" ? 0 : 1);
      const history = await bench.history();
      expect(history.map((message) => message.role)).toEqual([
        "user",
        "assistant",
        "tool",
        "assistant",
        "tool",
        "tool",
        "assistant",
      ]);
      const isUncertain = (at === 2 && when === "after") || (at === 3 && when === "before");
      const paid = history[2]?.blocks[0];
      expect(paid?.type === "tool_result" && paid.isError).toBe(isUncertain);
      if (isUncertain && paid?.type === "tool_result")
        expect(paid.content).toStartWith("Interrupted, outcome unknown");
      expect(await bench.state.runs.unfinished()).toEqual([]);
    });
  }
}

test("a turn that cannot be saved is told to whoever waits", async () => {
  await using bench = await turnBench();
  const { outcome, events } = await bench.send("hi", {
    provider: scriptedProvider(["Hello"]),
    journal: (real) => dying(real, 1, "before"),
  });
  expect(outcome).toMatchObject({ status: "failed", error: "The turn could not be saved: dead" });
  expect(events.filter((event) => event.kind === "failed")).toHaveLength(1);
});

test("a run that was begun too often is reported, not tried again", async () => {
  await using bench = await turnBench();
  const provider = scriptedProvider(["never"]);
  await bench.accept("hi", "r1");
  const id = (await bench.state.runs.find("r1"))?.id ?? missing();
  for (let attempt = 0; attempt < 5; attempt++) await bench.state.runs.begin(id, attempt);
  const { outcome, events } = await bench.resume("r1", { provider });
  expect(outcome).toMatchObject({ status: "failed", error: expect.stringContaining("stopped 5 times") });
  expect(events.at(-1)?.kind).toBe("failed");
  expect(provider.requests).toHaveLength(0);
});

test("beginnings count from the last one that got something done", async () => {
  await using bench = await turnBench();
  const provider = scriptedProvider([{ calls: [{ name: "note" }] }, "done"]);
  const tools = [probeTool("note", "read", () => "ok")];
  await bench.accept("go", "r1");
  const id = (await bench.state.runs.find("r1"))?.id ?? missing();
  const beginTimes = async (times: number) => {
    for (let attempt = 0; attempt < times; attempt++) await bench.state.runs.begin(id, attempt);
  };
  await beginTimes(4);
  // The fifth gets as far as the tool's result.
  await bench.resume("r1", { provider, tools, journal: (real) => dying(real, 2, "after") });
  await beginTimes(4);
  const { outcome } = await bench.resume("r1", { provider, tools });
  expect(outcome).toMatchObject({ status: "completed", response: "done" });
});

test("a tool that brings the process down each time is given up", async () => {
  await using bench = await turnBench();
  const provider = scriptedProvider([{ calls: [{ name: "note" }] }, "done"]);
  const tools = [probeTool("note", "read", () => "ok")];
  await bench.send("go", { provider, tools, runId: "r1", journal: (real) => dying(real, 1, "after") });
  const id = (await bench.state.runs.find("r1"))?.id ?? missing();
  for (let attempt = 0; attempt < 5; attempt++) await bench.state.runs.begin(id, attempt);
  const { outcome } = await bench.resume("r1", { provider, tools });
  expect(outcome).toMatchObject({ status: "failed", error: expect.stringContaining("stopped 5 times") });
});

test("usage of the steps before a crash counts", async () => {
  await using bench = await turnBench();
  const provider = scriptedProvider([nextReply]);
  const tools = ["pay", "look", "note"].map((name) => probeTool(name, "read", () => "ok"));
  await bench.send("go", { provider, tools, runId: "r1", journal: (real) => dying(real, 2, "after") });
  const { outcome } = await bench.resume("r1", { provider, tools });
  expect(outcome.usage).toEqual({ inputTokens: 30, outputTokens: 3 });
  expect(textOf((await bench.history()).at(-1)?.blocks ?? [])).toBe("All done.");
});

function missing(): RunId {
  throw new Error("the run is not there");
}
