import { expect, test } from "bun:test";
import { textOf } from "@carapace/protocol";
import type { RunJournal } from "@carapace/state";
import { dying } from "../../testing/dying.ts";
import { scriptedProvider } from "../../testing/scripted.ts";
import { probeTool } from "../../testing/tools.ts";
import { type TurnBench, turnBench } from "../../testing/turns.ts";
import type { TurnDeps } from "../types.ts";

const outcome = { status: "completed", response: "" } as const;
const writes = ["begin", "absorb", "step", "results", "absorb", "finish"] as const;

/** At the start the second message joins the first one's turn, before the next step the third. */
function takingIn(bench: TurnBench, journal: RunJournal): TurnDeps["takeIn"] {
  return async (moment) => {
    const waiting = (await bench.state.runs.unfinished()).filter(({ status }) => status === "queued");
    const [next] = waiting.filter(({ id }) => moment === "step" || id === "r2");
    const first = await bench.state.runs.find("r1");
    if (next === undefined || first === undefined) return [];
    const joined = await journal.absorb(first.id, { runId: next.id, outcome, nowMs: 1 });
    return joined === undefined ? [] : [joined];
  };
}

async function benchWithThree() {
  const bench = await turnBench();
  for (const [index, text] of ["one", "two", "three"].entries()) await bench.accept(text, `r${index + 1}`);
  const provider = scriptedProvider([
    (request) => {
      const hasLooked = JSON.stringify(request.messages).includes("tool_result");
      return hasLooked ? "All answered." : { calls: [{ name: "look" }] };
    },
  ]);
  return { bench, provider, tools: [probeTool("look", "read", () => "seen")] };
}

async function asked(bench: TurnBench): Promise<string[]> {
  const history = await bench.history();
  return history.filter(({ role }) => role === "user").map(({ blocks }) => textOf(blocks));
}

test("messages that came meanwhile are read at the next step, as parts of the run", async () => {
  const { bench, ...options } = await benchWithThree();
  await using _ = bench;
  const report = await bench.resume("r1", { ...options, takeIn: takingIn(bench, bench.state.runs) });
  expect(report.outcome).toMatchObject({ status: "completed", response: "All answered." });
  const [first, second] = options.provider.requests.map(({ messages }) => JSON.stringify(messages));
  expect([first?.includes("two"), first?.includes("three"), second?.includes("three")]).toEqual([
    true,
    false,
    true,
  ]);
  expect((await bench.history()).map(({ runId }) => String(runId))).toEqual(Array(6).fill("r1"));
});

for (const [at, write] of writes.entries()) {
  for (const when of ["before", "after"] as const) {
    test(`killed ${when} write ${at} (${write}), each message stands there once and is answered once`, async () => {
      const { bench, ...options } = await benchWithThree();
      await using _ = bench;
      const dead = dying(bench.state.runs, at, when);
      await bench.resume("r1", { ...options, journal: () => dead, takeIn: takingIn(bench, dead) });
      await bench.resume("r1", { ...options, takeIn: takingIn(bench, bench.state.runs) });
      expect((await bench.state.runs.find("r1"))?.outcome).toMatchObject({ response: "All answered." });
      for (const run of await bench.state.runs.unfinished()) await bench.resume(run.id, options);
      expect((await asked(bench)).sort()).toEqual(["one", "three", "two"]);
      expect(await bench.state.runs.unfinished()).toEqual([]);
    });
  }
}
