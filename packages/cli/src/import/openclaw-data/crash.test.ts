import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyHome, type FixtureHome, makeDatabase } from "./testing/fixture.ts";
import { importTarget, type Target } from "./testing/target.ts";

const program = new URL("./testing/importing.ts", import.meta.url).pathname;
const perSession = 1100;

const entries = (name: string) =>
  Array.from({ length: perSession }, (_, at) => {
    const message = { role: "user", content: `${name} ${at}`, timestamp: 1_760_000_000_000 + at };
    return JSON.stringify({ type: "message", id: `${name}${at}`, message });
  });

/** Two conversations in files, one in a database, notes and a schedule. */
function filledHome(): FixtureHome {
  const source = emptyHome();
  const write = (path: string, text: string) => {
    mkdirSync(join(source.dir, path, ".."), { recursive: true });
    writeFileSync(join(source.dir, path), text);
  };
  for (const name of ["a", "b"]) write(`agents/main/sessions/${name}.jsonl`, `${entries(name).join("\n")}\n`);
  write("workspace/MEMORY.md", "# One\nx\n# Two\ny\n");
  const job = {
    id: "j",
    name: "Job",
    schedule: { kind: "every", everyMs: 60_000 },
    payload: { kind: "systemEvent", text: "x" },
  };
  write("cron/jobs.json", JSON.stringify({ jobs: [job] }));
  mkdirSync(join(source.dir, "agents/ops/agent"), { recursive: true });
  const windows = ["session_id", "session_key", "created_at", "updated_at", "display_name"];
  makeDatabase(join(source.dir, "agents/ops/agent/openclaw-agent.sqlite"), {
    session_windows: {
      columns: windows.map((name) => [name, ""]),
      rows: [["c", "agent:ops:main", 1, 2, null]],
    },
    transcript_events: {
      columns: ["session_id", "seq", "event_json"].map((name) => [name, ""]),
      rows: entries("c").map((text, at) => ["c", at, text]),
    },
  });
  return source;
}

/** Everything that is there, in an order that does not depend on the way. */
async function contentOf(target: Target) {
  await using state = await target.open();
  expect(await state.verify()).toEqual([]);
  const sessions = (await state.sessions.list({})).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const histories = await Promise.all(sessions.map(({ id }) => state.sessions.history(id, {})));
  return { sessions, histories, notes: await state.memory.list("default"), jobs: await state.cron.list() };
}

async function killedAt(messages: number, source: FixtureHome, target: Target): Promise<void> {
  const child = Bun.spawn([process.execPath, program, source.home, source.dir, target.dir], {
    stdout: "pipe",
    stderr: "inherit",
  });
  let said = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += chunk;
    if (said.split("\n").some((line) => line === "done" || Number(line) >= messages)) child.kill("SIGKILL");
  }
  await child.exited;
}

test("after a kill at any point the next import goes on, and what is there is as if nothing had happened", async () => {
  using source = filledHome();
  using undisturbed = importTarget();
  await undisturbed.take(source);
  const expected = await contentOf(undisturbed);
  expect(expected.histories.map((messages) => messages.length)).toEqual([perSession, perSession, perSession]);
  using target = importTarget();
  for (const messages of [1, 600, perSession, 2 * perSession + 1]) {
    await killedAt(messages, source, target);
    await using state = await target.open();
    const counts = (await state.sessions.list({})).map(({ messageCount }) => messageCount);
    expect(counts.every((count) => count === perSession)).toBe(true);
  }
  await target.take(source);
  expect(await contentOf(target)).toEqual(expected);
});

test("a signal ends the import at once, and what was whole by then stays", async () => {
  using source = filledHome();
  using target = importTarget();
  const stop = new AbortController();
  const onProgress = ({ messages }: { messages: number }) => {
    if (messages > perSession) stop.abort(new Error("enough"));
  };
  await expect(target.take({ ...source, signal: stop.signal, onProgress })).rejects.toThrow("enough");
  await using state = await target.open();
  expect((await state.sessions.list({})).map(({ messageCount }) => messageCount)).toEqual([perSession]);
});
