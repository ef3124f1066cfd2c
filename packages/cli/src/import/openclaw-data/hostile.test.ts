import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { textOf } from "@carapace/protocol";
import type { ImportReport } from "@carapace/state/portable";
import { emptyHome, type FixtureHome } from "./testing/fixture.ts";
import { importMs } from "./testing/place.ts";
import { importTarget, type Target } from "./testing/target.ts";

let outside = "";
beforeAll(() => {
  outside = mkdtempSync(join(tmpdir(), "carapace-outside-"));
  writeFileSync(join(outside, "secret.jsonl"), said("a secret of somebody else"));
  writeFileSync(join(outside, "MEMORY.md"), "a secret of somebody else");
});
afterAll(() => rmSync(outside, { recursive: true, force: true }));

const line = (fields: object) => `${JSON.stringify(fields)}\n`;
let nth = 0;
function said(text: string, more: object = {}, message: object = {}): string {
  nth += 1;
  const content = [{ type: "text", text }];
  const timestamp = new Date(1_760_000_000_000 + nth * 1000).toISOString();
  return line({
    type: "message",
    id: `m${nth}`,
    timestamp,
    message: { role: "user", content, ...message },
    ...more,
  });
}

function put(source: FixtureHome, path: string, text: string | Uint8Array): string {
  const file = join(source.dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
const putSession = (source: FixtureHome, id: string, text: string | Uint8Array) =>
  put(source, `agents/main/sessions/${id}.jsonl`, text);

async function textsOf(target: Target): Promise<string[]> {
  await using state = await target.open();
  const sessions = await state.sessions.list({});
  const all = await Promise.all(sessions.map(({ id }) => state.sessions.history(id, {})));
  return all.flat().map(({ blocks }) => textOf(blocks));
}
const saidOf = ({ problems }: ImportReport, state: string) =>
  problems.filter((problem) => problem.state === state).map(({ path, say }) => `${path}: ${say}`);

test("a line that is not whole, not UTF-8, not JSON or no entry costs itself, not the conversation", async () => {
  using source = emptyHome();
  using target = importTarget();
  const broken = [said("one"), "\u0000\n", "{]\n", '"text"\n', said("two"), '{"type":"message","mess'];
  putSession(
    source,
    "a",
    Buffer.concat([
      ...broken.slice(0, 5).map(Buffer.from),
      Buffer.from([0xff, 0xfe, 10]),
      Buffer.from(broken[5] ?? ""),
    ]),
  );
  const report = await target.take(source);
  expect(await textsOf(target)).toEqual(["one", "two"]);
  expect(report.problems.map(({ line: at, say }) => [at, say])).toEqual([
    [2, "The line is not JSON."],
    [3, "The line is not JSON."],
    [4, "The line is no entry of a conversation."],
    [6, "The line is not UTF-8."],
    [7, "The last line is not whole."],
  ]);
});

test("a line of 100 MB is passed over without being held, and the next one is read", async () => {
  using source = emptyHome();
  using target = importTarget();
  const file = putSession(source, "a", said("before"));
  const part = Buffer.alloc(1024 * 1024, 0x61);
  for (let count = 0; count < 100; count += 1) appendFileSync(file, part);
  appendFileSync(file, `\n${said("behind")}`);
  const report = await target.take(source);
  expect(await textsOf(target)).toEqual(["before", "behind"]);
  expect(saidOf(report, "corrupt")).toEqual(["agents/main/sessions/a.jsonl: The line is too long."]);
});

test("arguments nested without end are replaced by a word, and a line of brackets is no entry", async () => {
  using source = emptyHome();
  using target = importTarget();
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const call = said(
    "look",
    {},
    { role: "assistant", content: [{ type: "toolCall", id: "c", name: "read", arguments: "DEEP" }] },
  );
  putSession(source, "a", `${call.replace('"DEEP"', deep)}${deep}\n${said("behind")}`);
  const report = await target.take(source);
  expect(report.messages).toBeWithin(1, 3);
  await using state = await target.open();
  const [session] = await state.sessions.list({});
  const messages = await state.sessions.history(session?.id ?? "", {});
  expect(messages.at(-1)?.blocks).toMatchObject([{ text: "behind" }]);
  expect(await state.verify()).toEqual([]);
});

test("names that mean something to an object change nothing, wherever they stand", async () => {
  using source = emptyHome();
  using target = importTarget();
  const text = said("hello").replace(
    '"type":"message"',
    '"__proto__":{"isEvil":true},"constructor":{"prototype":{"isEvil":true}},"type":"message"',
  );
  putSession(source, "a", text);
  put(
    source,
    "agents/main/sessions/sessions.json",
    '{"__proto__":{"sessionId":"a","isEvil":true},"constructor":{"sessionId":"b"}}',
  );
  put(
    source,
    "openclaw.json",
    '{"__proto__":{"isEvil":true},"agents":{"list":[{"__proto__":{"id":"x"},"id":"__proto__"}]}}',
  );
  put(
    source,
    "cron/jobs.json",
    '{"version":1,"__proto__":{"jobs":[]},"jobs":[{"__proto__":{"isEvil":true},"id":"__proto__","name":"__proto__","schedule":{"kind":"every","everyMs":1},"payload":{"kind":"systemEvent","text":"x"}}]}',
  );
  const report = await target.take(source);
  expect(report.stores.sessions.imported).toBe(1);
  expect(report.stores.cron.imported).toBe(1);
  expect("isEvil" in {}).toBe(false);
});

test("a title that steers a terminal becomes a plain line, in the list and in the report", async () => {
  using source = emptyHome();
  using target = importTarget();
  putSession(source, "a", said("hello") + line({ type: "\u001b[2Jnew\u0007kind", id: "x" }));
  const displayName = "\u001b]0;owned\u0007Nice\u001b[31m title\u202egnp\nsecond line";
  put(
    source,
    "agents/main/sessions/sessions.json",
    JSON.stringify({ "agent:main:\u001b[2J": { sessionId: "a", displayName } }),
  );
  const report = await target.take(source);
  expect(JSON.stringify(report)).not.toMatch(/\\u001b|\\u0007|\\n|\u202e/);
  await using state = await target.open();
  const [session] = await state.sessions.list({});
  expect(JSON.stringify(session?.metadata)).not.toMatch(/\\u001b|\\u0007|\\n|\u202e/);
  expect(session?.metadata.name).toContain("Nice");
});

test("files are found by their place: what an index or an id says of other places is not followed", async () => {
  using source = emptyHome();
  using target = importTarget();
  putSession(source, "a", line({ type: "session", id: "../../../../evil", cwd: "/" }) + said("hello"));
  const index = {
    one: { sessionId: "../../../../etc/passwd", sessionFile: join(outside, "secret.jsonl") },
    two: { sessionId: "b", sessionFile: join(outside, "secret.jsonl") },
  };
  put(source, "agents/main/sessions/sessions.json", JSON.stringify(index));
  put(
    source,
    "cron/jobs.json",
    JSON.stringify({
      jobs: [
        {
          id: "../../x",
          name: "n",
          schedule: { kind: "every", everyMs: 5 },
          payload: { kind: "systemEvent", text: "x" },
        },
      ],
    }),
  );
  await target.take(source);
  expect(await textsOf(target)).toEqual(["hello"]);
  await using state = await target.open();
  const [session] = await state.sessions.list({});
  expect(session?.key).toMatch(/^openclaw:main:a$/);
  expect((await state.cron.list()).map(({ id }) => id)).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
});

test("links out of the directory are told and not followed, be they files, folders or the workspace", async () => {
  using source = emptyHome();
  using target = importTarget();
  putSession(source, "a", said("hello"));
  symlinkSync(join(outside, "secret.jsonl"), join(source.dir, "agents/main/sessions/b.jsonl"));
  mkdirSync(join(source.dir, "agents/ops"), { recursive: true });
  symlinkSync(outside, join(source.dir, "agents/ops/sessions"));
  symlinkSync(outside, join(source.dir, "agents/linked"));
  symlinkSync(outside, join(source.dir, "workspace"));
  symlinkSync(outside, join(source.dir, "cron"));
  symlinkSync(outside, join(source.dir, "state"));
  const report = await target.take(source);
  expect(await textsOf(target)).toEqual(["hello"]);
  expect(report.stores.memory.imported).toBe(0);
  expect(saidOf(report, "skipped").sort()).toEqual([
    expect.stringMatching(/^agents\/main\/sessions\/b\.jsonl: The file .*link/),
    expect.stringMatching(/^agents\/ops\/sessions: The folder is a symbolic link/),
    expect.stringMatching(
      /^cron: The folder is a symbolic link|^cron\/jobs\.json: The folder is a symbolic link/,
    ),
    expect.stringMatching(/^workspace: The workspace is a symbolic link/),
  ]);
});

test("a workspace that the configuration names outside of the home directory is not read", async () => {
  using source = emptyHome();
  using target = importTarget();
  put(
    source,
    "openclaw.json",
    JSON.stringify({
      agents: { defaults: { workspace: outside }, list: [{ id: "main" }, { id: "ops", workspace: "../up" }] },
    }),
  );
  const report = await target.take(source);
  expect(report.stores.memory).toMatchObject({ imported: 0, skipped: 2 });
  expect(saidOf(report, "skipped")).toEqual([
    expect.stringContaining("lies outside of the home directory"),
    expect.stringContaining("a path that is not whole"),
  ]);
});

test("a list of agents that is a link is told, and nothing behind it is read", async () => {
  using source = emptyHome();
  using target = importTarget();
  mkdirSync(join(outside, "main", "sessions"), { recursive: true });
  writeFileSync(join(outside, "main", "sessions", "x.jsonl"), said("a secret of somebody else"));
  mkdirSync(source.dir);
  symlinkSync(outside, join(source.dir, "agents"));
  const report = await target.take(source);
  expect(report.messages).toBe(0);
  expect(saidOf(report, "skipped")).toEqual([
    "agents: The folder is a symbolic link, which is not followed.",
  ]);
});

// Permissions hold for everybody but the administrator.
test.skipIf(process.getuid?.() === 0)(
  "a folder that may not be listed is told, and costs no other",
  async () => {
    using source = emptyHome();
    using target = importTarget();
    putSession(source, "a", said("hello"));
    put(source, "workspace/memory/a.md", "x");
    put(source, "agents/ops/sessions/b.jsonl", said("hidden"));
    const closed = ["workspace/memory", "agents/ops/sessions"].map((path) => join(source.dir, path));
    for (const path of closed) chmodSync(path, 0);
    const report = await target.take(source);
    for (const path of closed) chmodSync(path, 0o700);
    expect(report.messages).toBe(1);
    expect(saidOf(report, "corrupt")).toHaveLength(2);
  },
);

test("a pipe is passed over without waiting for it", async () => {
  using source = emptyHome();
  using target = importTarget();
  putSession(source, "a", said("hello"));
  for (const path of [
    "agents/main/sessions/p.jsonl",
    "agents/main/sessions/sessions.json",
    "workspace/MEMORY.md",
  ]) {
    mkdirSync(dirname(join(source.dir, path)), { recursive: true });
    expect(Bun.spawnSync(["mkfifo", join(source.dir, path)]).exitCode).toBe(0);
  }
  const report = await target.take(source);
  expect(await textsOf(target)).toEqual(["hello"]);
  expect(saidOf(report, "skipped")).toEqual([
    "agents/main/sessions/p.jsonl: The file is not a regular file.",
    "workspace/MEMORY.md: The file is not a regular file.",
  ]);
});

test("two entries with one id are taken in once, and a conversation in two places too", async () => {
  using source = emptyHome();
  using target = importTarget();
  const entry = (id: string, text: string) =>
    line({ type: "message", id, message: { role: "user", content: text } });
  putSession(source, "a", entry("same", "first") + entry("same", "second") + entry("other", "third"));
  put(source, "sessions/a.jsonl", entry("x", "from the old place"));
  const report = await target.take(source);
  expect(await textsOf(target)).toEqual(["first", "third"]);
  expect(report.stores.sessions).toMatchObject({ imported: 1, skipped: 1 });
});

test("times still to come, before 1970 or no times at all become ones that can have been", async () => {
  using source = emptyHome();
  using target = importTarget();
  const at = (timestamp: unknown) => said("x", {}, { timestamp });
  putSession(
    source,
    "a",
    at(1_700_000_000_000) + at(9e15) + at(-5) + at(1e300) + at("soon") + at(1_700_000_001_000),
  );
  put(
    source,
    "agents/main/sessions/sessions.json",
    JSON.stringify({ k: { sessionId: "a", updatedAt: 9e15 } }),
  );
  await target.take(source);
  await using state = await target.open();
  const [session] = await state.sessions.list({});
  const times = (await state.sessions.history(session?.id ?? "", {})).map(({ createdAtMs }) => createdAtMs);
  expect(times.every((time) => time >= 1_700_000_000_000 && time <= importMs)).toBe(true);
  expect(session?.updatedAtMs).toBeLessThanOrEqual(importMs);
});

test("what OpenClaw appends while it is read waits for the next import, and is told then", async () => {
  using source = emptyHome();
  using target = importTarget();
  const file = putSession(source, "a", said("one"));
  putSession(source, "b", said("two"));
  let wasAppended = false;
  const onProgress = () => {
    if (!wasAppended) appendFileSync(file, said("late"));
    wasAppended = true;
  };
  await target.take({ ...source, onProgress });
  expect(wasAppended).toBe(true);
  expect((await textsOf(target)).sort()).toEqual(["one", "two"]);
  const again = await target.take(source);
  expect(saidOf(again, "skipped")).toEqual([expect.stringContaining("It changed since it was imported")]);
  expect((await textsOf(target)).sort()).toEqual(["one", "two"]);
});

test("a file that is no index, no list of jobs or no configuration costs only what it told", async () => {
  using source = emptyHome();
  using target = importTarget();
  putSession(source, "a", said("hello"));
  put(source, "agents/main/sessions/sessions.json", "[1,2");
  put(source, "openclaw.json", "{ agents: ");
  put(source, "cron/jobs.json", '{"jobs":{}}');
  put(
    source,
    "agents/main/agent/openclaw-agent.sqlite",
    "no database, but some text that goes on for a while",
  );
  const report = await target.take(source);
  expect(await textsOf(target)).toEqual(["hello"]);
  expect(report.problems.map(({ state, path }) => `${state} ${path}`).sort()).toEqual([
    "corrupt agents/main/agent/openclaw-agent.sqlite",
    "corrupt cron/jobs.json",
    "note agents/main/sessions/sessions.json",
    "note openclaw.json",
  ]);
});

test("kinds that are not known are counted and named, once for all conversations of an agent", async () => {
  using source = emptyHome();
  using target = importTarget();
  const odd = line({ type: "hologram", id: "h" });
  putSession(
    source,
    "a",
    said("one") + odd + odd + line({ type: "message", id: "r", message: { role: "oracle", content: "?" } }),
  );
  putSession(
    source,
    "b",
    said("two", {}, { content: [{ type: "text", text: "two" }, { type: "smell" }] }) + odd,
  );
  const report = await target.take(source);
  expect(saidOf(report, "note")).toEqual([
    'agents/main/sessions: Entries of the unknown kind "hologram" are left out: 3',
    'agents/main/sessions: Entries of the unknown kind "message of oracle" are left out: 1',
    'agents/main/sessions: Entries of the unknown kind "piece of the type smell" are left out: 1',
  ]);
});
