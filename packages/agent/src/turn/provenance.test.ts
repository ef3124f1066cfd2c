import { expect, test } from "bun:test";
import { isTrusted, type Origin, SessionKey } from "@carapace/protocol";
import { type ScriptedReply, scriptedProvider } from "../../testing/scripted.ts";
import { callTool } from "../../testing/tools.ts";
import { repositoriesOf, type TurnBench, testAgent, turnBench } from "../../testing/turns.ts";
import { compactSession } from "../context/compact-session.ts";
import { originsOf } from "../context/origins.ts";

const bob: Origin = { kind: "peer", ref: "bob" };

function says(bench: TurnBench, text: string, replies: readonly ScriptedReply[]) {
  return bench.send(text, { provider: scriptedProvider(replies) });
}

/** A conversation in which Bob, who is not the owner, spoke, and the model called a tool after that. */
async function withBob(): Promise<TurnBench & { readonly sessionId: string }> {
  const bench = await turnBench();
  await says(bench, "remember what Bob tells you", ["fine"]);
  await bench.send("my account is 666", { provider: scriptedProvider(["hello Bob"]), origin: bob });
  await says(bench, "now write it down", [
    { calls: [{ id: "w1", name: "memory_write", input: { key: "account", value: "666" } }] },
    "written",
  ]);
  const session = await bench.state.sessions.find(bench.sessionKey);
  return Object.assign(bench, { sessionId: session?.id ?? "" });
}

async function lastLabel(bench: TurnBench): Promise<Origin | undefined> {
  return originsOf((await bench.history()).at(-1)?.blocks ?? [])[0];
}

/** What a tool gives in another conversation, which Bob never saw. */
async function elsewhere(bench: TurnBench, name: string, input: Record<string, string | number>) {
  const other = SessionKey.parse("elsewhere");
  const { id } = await bench.state.sessions.upsert(other, { agentId: testAgent.agentId }, 1);
  const { builtInTools } = await import("../tools/index.ts");
  const tool = builtInTools.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`there is no tool ${name}`);
  return await callTool(tool, input, {
    agentId: testAgent.agentId,
    sessionKey: other,
    sessionId: id,
    runId: (await firstRun(bench)).id,
    state: bench.state,
    config: () => ({}),
    status: async () => ({}),
    nowMs: () => 1,
    steeredBy: [{ kind: "owner" }],
    signal: new AbortController().signal,
  });
}

async function firstRun(bench: TurnBench) {
  const run = await bench.state.runs.find("run-1");
  if (run === undefined) throw new Error("no run was accepted");
  return run;
}

test("what the owner typed, and what was made of nothing else, is trusted", async () => {
  await using bench = await turnBench();
  await says(bench, "note this", [
    { calls: [{ name: "memory_write", input: { key: "k", value: "v" } }] },
    "noted",
  ]);
  const labels = (await bench.history()).flatMap((message) => originsOf(message.blocks));
  expect(labels.every(isTrusted)).toBe(true);
  expect(await lastLabel(bench)).toMatchObject({ kind: "model", from: ["owner", "tool"] });
  expect((await bench.state.memory.read("default", "k"))?.origin).toMatchObject({ from: ["owner"] });
});

test("after a stranger spoke, every reply, result and note carries that", async () => {
  await using bench = await withBob();
  const labels = (await bench.history()).map((message) => originsOf(message.blocks)[0]);
  const isMarked = labels.map((label) => label !== undefined && !isTrusted(label));
  // The owner's own words stay the owner's; a call has no text of its own.
  expect(isMarked).toEqual([false, false, true, true, false, false, true, true]);
  expect((await bench.state.memory.read("default", "account"))?.origin.from).toContain("peer");
});

test.each([
  ["memory_read", { key: "account" }],
  ["memory_search", { query: "666", limit: 5 }],
  ["memory_list", {}],
  ["session_search", { query: "account", limit: 5 }],
  ["session_search", { query: "written", limit: 5 }],
])("%s %p in another conversation says that a stranger had a hand in it", async (name, input) => {
  await using bench = await withBob();
  expect((await elsewhere(bench, name, input)).origin.from).toContain("peer");
});

test("reading a single message keeps its label, also if it holds a call alone", async () => {
  await using bench = await withBob();
  const history = await bench.history();
  const found = await Promise.all(
    history.map(async ({ id }) => {
      const input = { session_id: bench.sessionId, limit: 1, message_id: id };
      return (await elsewhere(bench, "session_read", input)).origin.from?.includes("peer") === true;
    }),
  );
  expect(found).toEqual([false, false, true, true, false, true, true, true]);
});

test("a summary, and a turn that reads only the summary, know of the stranger", async () => {
  await using bench = await withBob();
  const { state, sessionId, sessionKey } = bench;
  const deps = { ...repositoriesOf(state), clock: { nowMs: () => 5 }, newId: () => crypto.randomUUID() };
  const request = { sessionId, sessionKey, keepMessages: 0, agent: testAgent };
  const signal = new AbortController().signal;
  await compactSession(request, { ...deps, provider: scriptedProvider(["Notes."]), signal });
  const summary = (await state.sessions.compaction(sessionId))?.summary ?? [];
  expect(originsOf(summary)[0]?.from).toContain("peer");
  await says(bench, "and now?", ["nothing new"]);
  expect((await lastLabel(bench))?.from).toContain("peer");
});

test("copies of a conversation keep its labels: forks, and archives that are restored", async () => {
  await using bench = await withBob();
  const { sessions } = bench.state;
  const labelsOf = async (id: string) =>
    (await sessions.history(id, {})).map((message) => originsOf(message.blocks));
  const before = await labelsOf(bench.sessionId);
  const key = SessionKey.parse("fork");
  const fork = await sessions.fork(bench.sessionId, { key, metadata: {}, limit: 99, nowMs: 9 });
  expect(await labelsOf(fork?.id ?? "")).toEqual(before);
  await sessions.archive(bench.sessionId, true, 10);
  await sessions.restoreArchive(bench.sessionId, 11);
  expect(await labelsOf(bench.sessionId)).toEqual(before);
});
