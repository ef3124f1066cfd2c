import { expect, test } from "bun:test";
import { loadConfig } from "@carapace/config";
import { SessionKey } from "@carapace/protocol";
import { ownerSays, temporaryState } from "@carapace/state/testing";
import { type RetentionDeps, startRetention, sweepOld } from "./retention.ts";

const dayMs = 24 * 3_600_000;
const ignore = () => undefined;
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

async function snapshotOf(sessions: unknown) {
  const file = `${process.env["TMPDIR"] ?? "/tmp"}/carapace-retention-${crypto.randomUUID()}.json`;
  await Bun.write(file, JSON.stringify(sessions === undefined ? {} : { sessions }));
  const loaded = await loadConfig({ env: { HOME: "/nonexistent", CARAPACE_CONFIG_PATH: file } });
  await Bun.file(file).delete();
  if (!loaded.ok) throw new Error(loaded.say);
  return loaded.value;
}

/** A state with sessions last touched on days 0, 1 and 40, the clock on day 40. */
async function aged(settings: unknown, changes: Partial<RetentionDeps> = {}) {
  const temporary = await temporaryState();
  for (const [name, day] of [
    ["first", 0],
    ["second", 1],
    ["third", 40],
  ] as const) {
    const session = await temporary.state.sessions.upsert(SessionKey.parse(name), {}, day * dayMs);
    await temporary.state.sessions.append(session.id, [{ ...ownerSays("hi"), createdAtMs: day * dayMs }]);
  }
  const snapshot = await snapshotOf(settings);
  const deps: RetentionDeps = {
    sessions: temporary.state.sessions,
    runs: { isBusy: () => false },
    config: { current: () => snapshot },
    nowMs: () => 40 * dayMs,
    log,
    audit: temporary.state.audit,
    ...changes,
  };
  return { temporary, deps, [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose]() };
}

test("sessions older than the configured days go, newer ones stay", async () => {
  await using at = await aged({ retention: { days: 30 } });
  expect(await sweepOld(at.deps)).toBe(2);
  const told = await at.temporary.state.audit.tail({ event: "session_deleted", limit: 10 });
  expect(told.records.map(({ data }) => data["actor"])).toEqual(["sessions.retention", "sessions.retention"]);
  expect((await at.temporary.state.sessions.list({})).map(({ key }) => key)).toEqual([
    SessionKey.parse("third"),
  ]);
});

test.each([[undefined], [{}], [{ retention: { enabled: false, days: 1 } }]])(
  "nothing goes with sessions as %j",
  async (settings) => {
    await using at = await aged(settings);
    expect(await sweepOld(at.deps)).toBe(0);
    expect(await at.temporary.state.sessions.count()).toBe(3);
  },
);

test("archived sessions and those in use stay", async () => {
  await using at = await aged({ retention: { days: 30 } }, { runs: { isBusy: (key) => key === "second" } });
  const first = await at.temporary.state.sessions.find("first");
  await at.temporary.state.sessions.archive(first?.id ?? "", false, dayMs);
  expect(await sweepOld(at.deps)).toBe(0);
});

test("a sweep that fails is logged, and the next one comes", async () => {
  const warned: unknown[] = [];
  const list = () => Promise.reject(new Error("disk"));
  const sessions = { list, findById: async () => undefined, delete: async () => true };
  const noted = { ...log, warn: (...line: unknown[]) => void warned.push(line) };
  await using at = await aged({ retention: { days: 30 } }, { sessions, log: noted });
  expect(await sweepOld(at.deps)).toBe(0);
  expect(warned).toHaveLength(1);
});

test("the first sweep comes by itself, and a stop waits for it", async () => {
  await using at = await aged({ retention: { days: 30 } }, { firstSweepMs: 0 });
  const begun = Promise.withResolvers<void>();
  const list: RetentionDeps["sessions"]["list"] = (filter) => {
    begun.resolve();
    return at.temporary.state.sessions.list(filter);
  };
  const retention = startRetention({ ...at.deps, sessions: { ...at.deps.sessions, list } });
  await begun.promise;
  await retention[Symbol.asyncDispose]();
  expect(await at.temporary.state.sessions.count()).toBe(1);
});

test("a session that was spoken in since it was listed stays", async () => {
  await using at = await aged({ retention: { days: 30 } });
  const { sessions } = at.temporary.state;
  const list: RetentionDeps["sessions"]["list"] = async (filter) => {
    const old = await sessions.list(filter);
    const [touched] = old;
    if (touched !== undefined)
      await sessions.append(touched.id, [{ ...ownerSays("still here"), createdAtMs: 40 * dayMs }]);
    return old;
  };
  const deps = { ...at.deps, sessions: { list, findById: sessions.findById, delete: sessions.delete } };
  expect(await sweepOld(deps)).toBe(1);
  expect(await sessions.count()).toBe(2);
});

test("an interval longer than a timer can wait does not sweep without end", async () => {
  let lists = 0;
  const snapshot = await snapshotOf({ retention: { days: 30, intervalHours: 100_000 } });
  const config = { current: () => snapshot };
  await using at = await aged(undefined, { config, firstSweepMs: 0 });
  const swept = Promise.withResolvers<void>();
  const list: RetentionDeps["sessions"]["list"] = async () => {
    lists += 1;
    swept.resolve();
    return [];
  };
  await using _ = startRetention({ ...at.deps, sessions: { ...at.deps.sessions, list } });
  await swept.promise;
  // A timer that overflows fires before this one.
  const later = Promise.withResolvers<void>();
  setTimeout(later.resolve, 20);
  await later.promise;
  expect(lists).toBe(1);
});
