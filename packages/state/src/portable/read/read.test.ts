import { expect, test } from "bun:test";
import { chmodSync, linkSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { readPortable } from "../index.ts";
import { directorySource } from "../source/directory.ts";
import { fillDirectory, ids } from "../testing/filled-directory.ts";
import { type ReferenceDirectory, referenceDirectory, someTime } from "../testing/reference-directory.ts";
import { memorySource } from "../testing/written-source.ts";
import type { PortableItem, PortableProblem, ReadOptions, SessionItem } from "../types.ts";

const password = "the password";

async function itemsOf(directory: ReferenceDirectory, options: ReadOptions = {}): Promise<PortableItem[]> {
  const source = directorySource(directory.path, { layout: "state", memoryDir: directory.memoryDir });
  return await Array.fromAsync(readPortable(source, options));
}

function problemsIn(items: readonly PortableItem[]): PortableProblem[] {
  return items.filter((item) => item.kind === "problem");
}

function sessionIn(items: readonly PortableItem[], id = "s"): SessionItem {
  const found = items.find((item) => item.kind === "session" && item.session.id === id);
  if (found?.kind !== "session") throw new Error(`there is no session ${id}: ${JSON.stringify(items)}`);
  return found;
}

async function historyOf(item: SessionItem) {
  const batches = await Array.fromAsync(item.messages());
  return {
    texts: batches.flatMap(({ messages }) =>
      messages.map(({ blocks: [first] }) => (first?.type === "text" ? first.text : "?")),
    ),
    events: batches.flatMap(({ events }) => events),
    problems: batches.flatMap(({ problems }) => problems),
  };
}

const line = (id: string, content: string, more: object = {}) =>
  `${JSON.stringify({ id, session_id: "s", role: "user", content, created_at: someTime, ...more })}\n`;

test("lines that are no messages are told by their number, all others are read", async () => {
  using directory = await referenceDirectory();
  directory.session("s", "k");
  const history = [
    line("1", "one"),
    "not json\n",
    "\n",
    line("2", "another session's", { session_id: "t" }),
    line("3", "three", { role: "oracle" }),
    line("4", "no time", { created_at: "now" }),
    line("5", "too large a time", { created_at: 1e300 }),
    line("a\0b", "an id that cannot be kept"),
    '{"id":"6","session_id":"s","role":"us',
  ];
  directory.write("sessions/s.jsonl", history.join(""));
  const read = await historyOf(sessionIn(await itemsOf(directory)));
  expect(read.texts).toEqual(["one", "three"]);
  expect(read.problems.map(({ line: at, state }) => [at, state])).toEqual(
    [2, 4, 6, 7, 8, 9].map((at) => [at, "corrupt"]),
  );
});

test("bytes that are not UTF-8 and a line longer than any message cost only themselves", async () => {
  using directory = await referenceDirectory();
  directory.session("s", "k");
  const huge = Buffer.alloc(33 * 1024 * 1024, "x");
  const bad = Buffer.from([0xff, 0xfe, 0x0a]);
  directory.write(
    "sessions/s.jsonl",
    Buffer.concat([Buffer.from(line("1", "a")), huge, bad, bad, Buffer.from(line("2", "b"))]),
  );
  const read = await historyOf(sessionIn(await itemsOf(directory)));
  expect(read.texts).toEqual(["a", "b"]);
  expect(read.problems.map(({ say }) => say)).toEqual(["The line is too long.", "The line is not UTF-8."]);
});

test("markers and the legacy index give the ids of events whose messages are gone", async () => {
  using directory = await referenceDirectory();
  fillDirectory(directory);
  const read = await historyOf(sessionIn(await itemsOf(directory), ids.telegram));
  expect(read.events).toEqual([{ eventId: "evt-legacy" }, { eventId: "evt-old", runId: "run-old" }]);
  expect(read.texts).toEqual(["7 messages were compacted.", "hi from outside"]);
});

test.each(["v1", "bare", "pending"])("a right sidecar (%s) proves its file", async (form) => {
  using directory = await referenceDirectory({ hmacSecret: "secret" });
  const path = directory.session("s", "k", { lines: [{ content: "x" }] });
  for (const file of [path, "sessions/s.jsonl"]) {
    directory.sidecar(file, form === "pending" ? ".hmac.tmp" : ".hmac");
    if (form === "bare") {
      const mac = await Bun.file(join(directory.path, `${file}.hmac`)).text();
      directory.write(`${file}.hmac`, mac.slice(3));
    }
  }
  const items = await itemsOf(directory, { hmacSecrets: ["", "another", "secret"] });
  const result = form === "pending" ? "promoted" : "valid";
  expect(sessionIn(items).integrity).toMatchObject({ metadata: result, history: result, archive: "none" });
  expect(problemsIn(items)).toHaveLength(form === "pending" ? 2 : 0);
});

test("a wrong sidecar is told and kept as the result, a missing one is kept, and one without a key is unchecked", async () => {
  using directory = await referenceDirectory({ hmacSecret: "secret" });
  const path = directory.session("s", "k", { lines: [{ content: "x" }] });
  directory.sidecar(path);
  directory.session("s", "k", { lines: [{ content: "y" }], meta: { status: "paused" } });
  const items = await itemsOf(directory, { hmacSecrets: ["secret"] });
  expect(sessionIn(items).integrity).toMatchObject({ metadata: "mismatch", history: "missing" });
  expect(problemsIn(items)).toMatchObject([
    { state: "note", path, say: expect.stringContaining("does not match") },
  ]);
  const unchecked = sessionIn(await itemsOf(directory)).integrity;
  expect(unchecked).toMatchObject({ metadata: "unchecked", history: "missing" });
});

test.each([
  ["no password", {}, "CARAPACE_CONFIG_PASSWORD"],
  ["another password", { password: "other" }, "does not fit"],
] as const)("with %s encrypted sessions are locked, and told so by id", async (_name, options, say) => {
  using directory = await referenceDirectory({ password });
  const path = directory.session("s", "k", { lines: [{ content: "x" }] });
  const items = await itemsOf(directory, options);
  expect(items).toMatchObject([
    { kind: "problem", state: "locked", path, say: expect.stringContaining(say) },
  ]);
});

test("a manifest without a tag counts if the password opens an artifact, and not otherwise", async () => {
  using directory = await referenceDirectory({ password });
  const file = Bun.file(join(directory.path, "sessions/.crypto-manifest"));
  const { integrity: _tag, ...untagged } = await file.json();
  directory.write("sessions/.crypto-manifest", JSON.stringify(untagged));
  const path = directory.session("s", "k");
  expect(sessionIn(await itemsOf(directory, { password })).integrity.isEncrypted).toBe(true);
  expect(await itemsOf(directory, { password: "other" })).toMatchObject([{ state: "locked", path }]);
});

test("with the manifest gone nothing opens, and it is said so", async () => {
  using directory = await referenceDirectory({ password });
  const path = directory.session("s", "k");
  renameSync(join(directory.path, "sessions/.crypto-manifest"), join(directory.path, "lost"));
  const items = await itemsOf(directory, { password });
  expect(items).toMatchObject([{ state: "locked", path, say: expect.stringContaining("is missing") }]);
});

test("an encrypted line that was changed or moved from another session is corrupt; the others are read", async () => {
  using directory = await referenceDirectory({ password });
  directory.session("t", "k2", { lines: [{ content: "of another" }] });
  directory.session("s", "k", { lines: [{ content: "one" }, { content: "two" }] });
  const read = async (id: string) => await Bun.file(join(directory.path, `sessions/${id}.jsonl`)).text();
  const [first, second] = (await read("s")).split("\n");
  const flipped = second?.replace(/"c":"(.)/, (_all, letter) => `"c":"${letter === "A" ? "B" : "A"}`);
  directory.write("sessions/s.jsonl", `${first}\n${flipped}\n${await read("t")}`);
  const history = await historyOf(sessionIn(await itemsOf(directory, { password })));
  expect(history.texts).toEqual(["one"]);
  expect(history.problems.map(({ line: at, state }) => [at, state])).toEqual([
    [2, "corrupt"],
    [3, "corrupt"],
  ]);
});

test("a plain session among encrypted ones is imported all the same, with a word about it", async () => {
  using directory = await referenceDirectory({ password });
  const meta = { id: "s", session_key: "k", status: "active", metadata: {}, created_at: 1, updated_at: 2 };
  directory.write("sessions/s.json", JSON.stringify(meta));
  const items = await itemsOf(directory, { password });
  expect(sessionIn(items).integrity.isEncrypted).toBe(false);
  expect(problemsIn(items)).toMatchObject([{ state: "note", say: expect.stringContaining("not encrypted") }]);
});

test.each([
  ["another version", { version: 2 }],
  ["fields of a later version", { later: true }],
  ["no messages", { messages: "none" }],
])("an archive with %s is refused; its session is not", async (_name, change) => {
  using directory = await referenceDirectory();
  directory.session("s", "k");
  directory.archive("s", { session: {}, messages: [], archived_at: 5, version: 1, ...change });
  const { archive, problems } = await sessionIn(await itemsOf(directory)).archive();
  expect(archive).toBeUndefined();
  expect(problems).toMatchObject([{ state: "corrupt", store: "archives" }]);
});

test("files without their session, of no known form or of a deleted session are told", async () => {
  using directory = await referenceDirectory();
  directory.write("sessions/lone.jsonl", line("1", "x"));
  directory.write("sessions/notes.txt", "x");
  directory.write("sessions/a.lock", "");
  directory.write("sessions/b.json.meta.tmp.12.3", "{}");
  directory.archive("gone", { session: {}, messages: [], archived_at: 5, version: 1 });
  const problems = problemsIn(await itemsOf(directory));
  expect(problems.map(({ path, state }) => [path, state])).toEqual([
    ["sessions/archives/gone.archive.json", "skipped"],
    ["sessions/lone.jsonl", "corrupt"],
    ["sessions/notes.txt", "skipped"],
  ]);
});

test.each([
  ["no JSON", "{"],
  [
    "another id",
    JSON.stringify({ id: "t", session_key: "k", status: "active", created_at: 1, updated_at: 1 }),
  ],
  ["no key", JSON.stringify({ id: "s", status: "active", created_at: 1, updated_at: 1 })],
  [
    "a key that is too long",
    JSON.stringify({ id: "s", session_key: "k".repeat(256), status: "a", created_at: 1, updated_at: 1 }),
  ],
])("a metadata file with %s is corrupt", async (_name, text) => {
  using directory = await referenceDirectory();
  directory.write("sessions/s.json", text);
  expect(await itemsOf(directory)).toMatchObject([
    { kind: "problem", state: "corrupt", path: "sessions/s.json" },
  ]);
});

test("links, hard links and links for folders are not followed", async () => {
  using directory = await referenceDirectory();
  using outside = await referenceDirectory();
  fillDirectory(outside);
  const at = (name: string) => join(directory.path, name);
  const from = (name: string) => join(outside.path, name);
  mkdirSync(at("sessions"), { mode: 0o700 });
  symlinkSync(from(`sessions/${ids.chat}.json`), at("sessions/link.json"));
  linkSync(from(`sessions/${ids.chat}.json`), at("sessions/hard.json"));
  symlinkSync(from("cron"), at("cron"));
  symlinkSync(outside.memoryDir, directory.memoryDir);
  symlinkSync(from("usage.json"), at("usage.json"));
  const items = await itemsOf(directory);
  expect(items.map((item) => (item.kind === "problem" ? [item.path, item.state] : item.kind))).toEqual([
    // Of root's own files the names are not counted.
    ["sessions/hard.json", process.geteuid?.() === 0 ? "corrupt" : "skipped"],
    ["sessions/link.json", "skipped"],
    ["memory", "skipped"],
    ["cron/jobs.json", "skipped"],
    ["usage/usage.json", "skipped"],
  ]);
});

test("names that lead out of an archive are told and never opened", async () => {
  const bytes = Buffer.from("{}");
  const names = [
    "../sessions/a.json",
    "/sessions/b.json",
    "sessions/../../c.json",
    "C:\\d.json",
    "sessions//e.json",
    "x\0",
  ];
  const source = memorySource(new Map(names.map((name) => [name, bytes])));
  const opened: string[] = [];
  const watched = {
    ...source,
    open: (path: string) => {
      opened.push(path);
      return source.open(path);
    },
  };
  const items = await Array.fromAsync(readPortable(watched));
  expect(items.map((item) => item.kind === "problem" && item.path)).toEqual(names);
  expect(opened).toEqual([]);
});

test("a file larger than its store may be is not read", async () => {
  const read = async function* () {
    yield await Promise.reject<Uint8Array>(new Error("it was read"));
  };
  const entries = async function* () {
    yield { path: "cron/jobs.json", size: 9 * 1024 * 1024 };
    yield { path: "sessions/s.json", size: 5 * 1024 * 1024 };
  };
  const items = await Array.fromAsync(readPortable({ name: "large", entries, open: read }));
  expect(items).toMatchObject([
    { state: "corrupt", path: "sessions/s.json", say: expect.stringContaining("larger") },
    { state: "corrupt", path: "cron/jobs.json", say: expect.stringContaining("larger") },
  ]);
});

test("a source that gives more than it announced is stopped", async () => {
  const endless = async function* () {
    for (;;) yield Buffer.alloc(1024 * 1024);
  };
  const entries = async function* () {
    yield { path: "cron/jobs.json", size: 10 };
  };
  const reading = Array.fromAsync(readPortable({ name: "endless", entries, open: endless }));
  expect(reading).rejects.toThrow("larger than");
});

test.each([
  ["cron/jobs.json", "{}", "cron"],
  ["tasks/queue.json", '{"id":1}', "tasks"],
  ["usage.json", "[]", "usage"],
  ["device-pairing.json", '{"version":2}', "devices"],
  ["node-pairing.json", "nothing", "nodes"],
  ["gateways.json", '{"version":1}', "gateways"],
  ["auth_profiles.json", "[]", "profiles"],
  ["installation_id", "short", "installation"],
])("%s of another form is corrupt, not empty", async (path, text, store) => {
  using directory = await referenceDirectory();
  directory.write(path, text);
  const problems = problemsIn(await itemsOf(directory));
  expect(problems).toMatchObject([{ state: "corrupt", store }]);
});

test("of a list with bad entries the good ones are read, and each bad one is told", async () => {
  using directory = await referenceDirectory();
  const good = {
    id: "a",
    state: "queued",
    attempts: 0,
    payload: null,
    createdAtMs: 1,
    updatedAtMs: 1,
  };
  directory.write(
    "tasks/queue.json",
    JSON.stringify([good, 5, { ...good, id: "" }, good, { ...good, id: "b\0" }]),
  );
  const items = await itemsOf(directory);
  expect(problemsIn(items).map(({ say }) => say)).toEqual([
    "Entry 2 is not a task.",
    "Entry 3 is not a task.",
    "Entry 4 has the id of an earlier one.",
    "Entry 5 has an id that cannot be kept.",
  ]);
  expect(items.at(-1)).toMatchObject({ kind: "tasks", tasks: [{ id: "a" }] });
});

test.skipIf(process.geteuid?.() === 0)(
  "a file that may not be read is told (missing: a user other than root)",
  async () => {
    using directory = await referenceDirectory();
    directory.write("gateways.json", "{}");
    chmodSync(join(directory.path, "gateways.json"), 0);
    expect(problemsIn(await itemsOf(directory))).toMatchObject([{ path: "gateways.json", state: "skipped" }]);
  },
);

test.each(["__proto__", "constructor", "toString"])(
  "a session whose status is %s is a paused one",
  async (status) => {
    using directory = await referenceDirectory();
    directory.session("s", "k", { meta: { status } });
    expect(sessionIn(await itemsOf(directory)).session.status).toBe("paused");
  },
);

test("a job's label is only believed in an archive of our own", async () => {
  const job = { id: "j", name: "j", enabled: true, createdAtMs: 1, updatedAtMs: 1, state: {} };
  const text = JSON.stringify([
    { ...job, schedule: { kind: "at", atMs: 1 }, payload: { kind: "agentTurn" }, origin: { kind: "owner" } },
  ]);
  const originsWith = async (trustFacts: "authentic" | "all") => {
    const items = await Array.fromAsync(
      readPortable(memorySource(new Map([["cron/jobs.json", Buffer.from(text)]])), { trustFacts }),
    );
    return items.flatMap((item) => (item.kind === "cron" ? item.jobs.map((one) => one["origin"]) : []));
  };
  expect(await originsWith("authentic")).toEqual([undefined]);
  expect(await originsWith("all")).toEqual([{ kind: "owner" }]);
});
