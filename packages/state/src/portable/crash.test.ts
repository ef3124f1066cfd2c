import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileKeyStore } from "../keys/file-store.ts";
import { openState } from "../open.ts";
import { temporaryState } from "../testing/temporary.ts";
import { readPortable } from "./index.ts";
import { directorySource } from "./source/directory.ts";
import { referenceDirectory } from "./testing/reference-directory.ts";
import { takeIn } from "./testing/take-in.ts";
import type { PortableSource } from "./types.ts";

const program = new URL("./testing/importer.ts", import.meta.url).pathname;
const importing = { mode: "add", nowMs: () => 1 } as const;

async function twoSessions() {
  const directory = await referenceDirectory();
  const lines = Array.from({ length: 900 }, (_, at) => ({ id: `m${at}`, content: `message ${at}` }));
  directory.session("first", "k1", { lines });
  directory.session("second", "k2", { lines });
  return directory;
}

/** The source, but reading this file throws after so many bytes, as often as it is opened. */
function failing(
  source: PortableSource,
  path: string,
  afterBytes: number,
  fault: () => Error,
): PortableSource {
  return {
    ...source,
    open: async function* (name) {
      let given = 0;
      for await (const chunk of source.open(name)) {
        const rest = name === path ? afterBytes - given : chunk.length;
        given += chunk.length;
        yield chunk.subarray(0, Math.max(0, rest));
        if (name === path && given >= afterBytes) throw fault();
      }
    },
  };
}

test("an import whose process died leaves whole sessions, hides the part, and goes on from there", async () => {
  using directory = await twoSessions();
  await using at = await temporaryState();
  const source = directorySource(directory.path, { layout: "state" });
  let batches = 0;
  const dying = async function* () {
    for await (const item of readPortable(source)) {
      if (item.kind !== "session" || item.session.id === "first") {
        yield item;
        continue;
      }
      const messages = async function* () {
        for await (const batch of item.messages()) {
          // Nothing more of this process happens: its promise is never settled.
          if (++batches > 1) await new Promise(() => {});
          yield batch;
        }
      };
      yield { ...item, messages };
    }
  };
  void at.state.portable.import(dying(), { ...importing, source: source.name });
  while (batches <= 1) await new Promise((resolve) => setImmediate(resolve));
  const state = await at.reopen();
  expect((await state.sessions.list({})).map(({ id, messageCount }) => [id, messageCount])).toEqual([
    ["first", 900],
  ]);
  expect(await state.sessions.search("message 1", { limit: 5, sessionId: "second" })).toEqual([]);
  expect(await state.verify()).toEqual([]);
  const report = await takeIn(directory, state);
  expect(report.stores.sessions).toMatchObject({ found: 2, imported: 1, unchanged: 1 });
  expect(await state.sessions.find("k2")).toMatchObject({ id: "second", messageCount: 900 });
  expect(await state.verify()).toEqual([]);
});

test("a session whose file cannot be read to its end is left out whole, the others are imported", async () => {
  using directory = await twoSessions();
  await using at = await temporaryState();
  const source = directorySource(directory.path, { layout: "state" });
  let opened = 0;
  const once = failing(source, "sessions/first.jsonl", 40_000, () => new Error("EIO: the disk failed"));
  const second: PortableSource = {
    ...source,
    // The first pass is whole: the fault comes when the messages are read.
    open: (path) => (path === "sessions/first.jsonl" && ++opened > 1 ? once.open(path) : source.open(path)),
  };
  const report = await at.state.portable.import(readPortable(second), { ...importing, source: source.name });
  expect(report.stores.sessions).toMatchObject({ found: 2, imported: 1, corrupt: 1 });
  expect(report.problems).toMatchObject([
    { path: "sessions/first.json", state: "corrupt", say: expect.stringContaining("the disk failed") },
  ]);
  expect(await at.state.sessions.find("k1")).toBeUndefined();
  expect(await at.state.verify()).toEqual([]);
  const again = await takeIn(directory, at.state);
  expect(again.stores.sessions).toMatchObject({ imported: 1, unchanged: 1 });
});

test("a log that cannot be read to its end is told, and what comes behind it is imported", async () => {
  using directory = await referenceDirectory();
  directory.write("audit.jsonl.1", '{"ts":"t","event":"e","data":{}}\n');
  directory.write("audit.jsonl", '{"ts":"u","event":"e","data":{}}\n');
  await using at = await temporaryState();
  const source = directorySource(directory.path, { layout: "state" });
  let opened = 0;
  const broken = failing(source, "audit.jsonl.1", 5, () => new Error("EIO"));
  const second: PortableSource = {
    ...source,
    open: (path) => (path === "audit.jsonl.1" && ++opened > 1 ? broken.open(path) : source.open(path)),
  };
  const report = await at.state.portable.import(readPortable(second), { ...importing, source: source.name });
  expect(report.stores.audit).toMatchObject({ imported: 1, corrupt: 1 });
  expect(report.problems).toMatchObject([{ path: "audit.jsonl.1", say: expect.stringContaining("EIO") }]);
});

test("a history that changes while it is read is not taken in", async () => {
  using directory = await twoSessions();
  await using at = await temporaryState();
  const source = directorySource(directory.path, { layout: "state" });
  const items = async function* () {
    for await (const item of readPortable(source)) {
      if (item.kind === "session" && item.session.id === "first") {
        directory.session("first", "k1", { lines: [{ content: "grown" }] });
      }
      yield item;
    }
  };
  const report = await at.state.portable.import(items(), { ...importing, source: source.name });
  expect(report.stores.sessions).toMatchObject({ imported: 1, corrupt: 1 });
  expect(report.problems).toMatchObject([{ say: expect.stringContaining("changed while it was read") }]);
  expect(await at.state.sessions.findById("first")).toBeUndefined();
});

test("an import that is told to stop keeps what it has and says no more", async () => {
  using directory = await twoSessions();
  await using at = await temporaryState();
  const stop = new AbortController();
  const onProgress = ({ messages }: { readonly messages: number }) => {
    if (messages > 1000) stop.abort();
  };
  const stopped = takeIn(directory, at.state, { signal: stop.signal, onProgress });
  expect(stopped).rejects.toThrow("abort");
  await stopped.catch(() => undefined);
  expect((await at.state.sessions.list({})).map(({ id }) => id)).toEqual(["first"]);
  expect((await takeIn(directory, at.state)).stores.sessions).toMatchObject({ imported: 1, unchanged: 1 });
});

test("killed at any batch, the import goes on until everything is there once", async () => {
  using directory = await twoSessions();
  const to = mkdtempSync(join(tmpdir(), "carapace-import-"));
  try {
    for (const after of [1, 2, 3]) {
      const child = Bun.spawn([process.execPath, program, directory.path, to], { stdout: "pipe" });
      let seen = "";
      for await (const chunk of child.stdout) {
        seen += new TextDecoder().decode(chunk);
        if (seen.split("\n").length > after) child.kill("SIGKILL");
      }
      await child.exited;
      const state = await openState({ dir: to, keys: fileKeyStore(to), newId: () => crypto.randomUUID() });
      await using _closed = state;
      const counts = (await state.sessions.list({})).map(({ messageCount }) => messageCount);
      expect(counts.every((count) => count === 900)).toBe(true);
      expect(await state.verify()).toEqual([]);
    }
    await using state = await openState({
      dir: to,
      keys: fileKeyStore(to),
      newId: () => crypto.randomUUID(),
    });
    const report = await takeIn({ ...directory, memoryDir: "none" }, state);
    expect(report.stores.sessions).toMatchObject({ found: 2, corrupt: 0, skipped: 0 });
    expect((await state.sessions.list({})).map(({ messageCount }) => messageCount)).toEqual([900, 900]);
    expect(await state.verify()).toEqual([]);
  } finally {
    rmSync(to, { recursive: true, force: true });
  }
});
