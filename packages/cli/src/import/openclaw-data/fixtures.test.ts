import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isTrusted, textOf } from "@carapace/protocol";
import { fixtureHome, type Version, versions } from "./testing/fixture.ts";
import { importTarget } from "./testing/target.ts";

const names = Object.keys(versions) as Version[];
const none = { found: 0, imported: 0, unchanged: 0, skipped: 0, locked: 0, corrupt: 0 };
/** Before there were resets inside of a conversation, each began a file of its own. */
const sessionCounts = { "clawdbot-2026.1.24-3": 4, "openclaw-2026.5.28": 4, "openclaw-2026.9.6": 3 } as const;
const ownJobs = { "clawdbot-2026.1.24-3": 0, "openclaw-2026.5.28": 0, "openclaw-2026.9.6": 5 } as const;

test.each(names)(
  "%s: conversations, notes and schedules come in, and the source is not changed",
  async (version) => {
    using source = fixtureHome(version);
    using target = importTarget();
    const before = source.fingerprint();
    const report = await target.take(source);
    expect(source.fingerprint()).toBe(before);
    const [count, skipped] = [sessionCounts[version], ownJobs[version]];
    expect(report.stores).toMatchObject({
      sessions: { ...none, found: count, imported: count },
      memory: { ...none, found: 12, imported: 10, skipped: 2 },
      cron: { ...none, found: 5 + skipped, imported: 5, skipped },
      other: none,
    });
    expect(report.messages).toBe(24);
    await using state = await target.open();
    expect(await state.verify()).toEqual([]);
    expect(await state.sessions.count()).toBe(count);
  },
);

test.each(names)("%s: nothing that comes in is the owner's, whoever said it there", async (version) => {
  using source = fixtureHome(version);
  using target = importTarget();
  await target.take(source);
  await using state = await target.open();
  const sessions = await state.sessions.list({});
  const messages = (await Promise.all(sessions.map(({ id }) => state.sessions.history(id, {})))).flat();
  const blocks = messages.flatMap((message) => message.blocks);
  const origins = blocks.flatMap((block) => (block.type === "tool_use" ? [] : [block.origin]));
  expect(origins.length).toBeGreaterThan(24);
  expect(origins.filter(isTrusted)).toEqual([]);
  const calls = messages.filter((message) => message.blocks.some((block) => block.type === "tool_use"));
  expect(calls.map(({ metadata }) => metadata)).toEqual(
    calls.map(() => ({ callOrigin: { kind: "model", from: ["imported"] } })),
  );
  const notes = [...(await state.memory.list("default")), ...(await state.memory.list("ops"))];
  expect(notes.filter(({ origin }) => isTrusted(origin))).toEqual([]);
  expect((await state.cron.list()).filter((job) => "origin" in job || job.enabled)).toEqual([]);
});

test.each(names)(
  "%s: what was said stands in its order, with calls, their results and its times",
  async (version) => {
    using source = fixtureHome(version);
    using target = importTarget();
    await target.take(source);
    await using state = await target.open();
    const sessions = await state.sessions.list({ search: "openclaw:main" });
    const histories = await Promise.all(sessions.map(({ id }) => state.sessions.history(id, {})));
    const first = histories.find((messages) =>
      messages.some(({ blocks }) => textOf(blocks).endsWith("Hello there")),
    );
    const told = (first ?? [])
      .slice(0, 10)
      .map(({ role, blocks }) => [role, ...blocks.map((block) => block.type)]);
    expect(told).toEqual([
      ["user", "text"],
      ["assistant", "text"],
      ["user", "text"],
      ["assistant", "text", "tool_use"],
      ["tool", "tool_result"],
      ["assistant", "text"],
      ["user", "text"],
      ["assistant", "text", "tool_use", "tool_use"],
      ["tool", "tool_result"],
      ["tool", "tool_result"],
    ]);
    expect(first?.[4]?.blocks).toMatchObject([
      { name: "read", content: "The heron stands by the pond.\n", isError: false },
    ]);
    expect(first?.map(({ blocks }) => textOf(blocks)).join()).toContain("Grüße, 世界 👋🏽");
    expect(JSON.stringify(histories)).not.toContain("A short thought");
    const times = first?.map(({ createdAtMs }) => createdAtMs) ?? [];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Date(times[0] ?? 0).toISOString()).toStartWith("2026-11-22T21:");
  },
);

test.each(names)(
  "%s: each agent finds its own, and a conversation's name is nobody's here",
  async (version) => {
    using source = fixtureHome(version);
    using target = importTarget();
    await target.take(source);
    await using state = await target.open();
    const own = await state.sessions.list({ agentId: "default" });
    const ops = await state.sessions.list({ agentId: "ops" });
    expect([own.length, ops.length]).toEqual([sessionCounts[version] - 1, 1]);
    expect(ops[0]?.metadata).toMatchObject({
      name: "agent:ops:main",
      extra: { openclaw: { key: "agent:ops:main" } },
    });
    expect([...own, ...ops].filter(({ metadata }) => metadata.reference === undefined)).toEqual([]);
    expect([...own, ...ops].filter(({ metadata }) => metadata.channel !== undefined)).toEqual([]);
  },
);

test.each(names)(
  "%s: schedules come in as they were, each in the way things are said here",
  async (version) => {
    using source = fixtureHome(version);
    using target = importTarget();
    const { problems } = await target.take(source);
    await using state = await target.open();
    const jobs = new Map((await state.cron.list()).map((job) => [job.name, job]));
    expect([...jobs.keys()].sort()).toEqual(["Call Ada", "Morning report", "News", "Off", "Water"]);
    expect(jobs.get("Call Ada")?.schedule).toEqual({ kind: "at", atMs: Date.parse("2031-03-04T05:06:07Z") });
    expect(jobs.get("Water")).toMatchObject({
      schedule: { kind: "every", everyMs: 5_400_000 },
      sessionTarget: "main",
    });
    expect(jobs.get("Morning report")).toMatchObject({
      schedule: { kind: "cron", expr: "0 7 * * 1-5", tz: "Europe/Berlin", dayMatch: "or" },
      payload: { kind: "agentTurn", message: "Write the report" },
    });
    expect(jobs.get("News")?.payload).toMatchObject({ deliver: true, channel: "telegram", to: "123456789" });
    expect(jobs.get("Off")?.["agentId"]).toBe("ops");
    const said = problems.map(({ say }) => say);
    expect(said).toContainEqual('The job "Off": its model local/toy is not taken over.');
    // The list alone does not tell what a job does.
    expect(said.at(-1)).toMatch(/switched off.*cara cron list JOB.*cara cron edit JOB --enabled/);
  },
);

test.each(names)(
  "%s: a dry run tells the same and writes nothing, and a second run adds nothing",
  async (version) => {
    using source = fixtureHome(version);
    using target = importTarget();
    const planned = await target.take({ ...source, dryRun: true });
    expect(existsSync(join(target.dir, "state.db"))).toBe(false);
    const done = await target.take(source);
    expect(done).toEqual(planned);
    const again = await target.take(source);
    const rest = Object.values(again.stores).map(({ imported }) => imported);
    expect(rest.every((imported) => imported === 0)).toBe(true);
    expect(again.stores.sessions.unchanged).toBe(sessionCounts[version]);
    await using state = await target.open();
    const { records } = await state.audit.tail({ limit: 100 });
    expect(records.filter(({ event }) => event === "state_imported")).toHaveLength(1);
  },
);
