import { expect, test } from "bun:test";
import { type Block, type Origin, SessionKey } from "@carapace/protocol";
import fc from "fast-check";
import { rawDatabase } from "../testing/raw.ts";
import { temporaryState } from "../testing/temporary.ts";
import type { NewMessage, State } from "../types.ts";
import { readPortable } from "./index.ts";
import { fillDirectory } from "./testing/filled-directory.ts";
import { referenceDirectory, someTime } from "./testing/reference-directory.ts";
import { takeIn } from "./testing/take-in.ts";
import { memorySource, writtenFiles } from "./testing/written-source.ts";
import type { PortableProblem, ReadOptions, WriteOptions } from "./types.ts";

const password = "another password";
const importing = { mode: "add", source: "memory", nowMs: () => someTime } as const;

async function contentOf(state: State) {
  const sessions = await state.sessions.list({});
  const histories = await Promise.all(
    sessions.map(async ({ id }) => ({
      messages: await state.sessions.history(id, {}),
      compaction: await state.sessions.compaction(id),
    })),
  );
  return {
    sessions: sessions
      .map((session, at) => ({ session, ...histories[at] }))
      .sort((a, b) => (a.session.key < b.session.key ? -1 : 1)),
    archives: await state.sessions.archives(100, 0),
    memory: [
      await state.memory.list("default"),
      await state.memory.list("helper"),
      await state.memory.list("a/b"),
    ],
    cron: await state.cron.list(),
    tasks: [await state.tasks.list("tasks"), await state.tasks.list("read_receipts")],
    usage: [await state.usage.days(0), await state.usage.sessions(0)],
    nodes: await state.nodes.all(),
    gateways: await state.gateways.list(),
    profiles: await state.profiles.list(),
    approvals: await state.execApprovals.get(),
    tokens: await state.devices.tokens(),
  };
}

/** Writes a state and reads it into a new one. */
async function through(state: State, write: Partial<WriteOptions>, read: ReadOptions) {
  const files = await writtenFiles(state, write);
  const at = await temporaryState();
  const report = await at.state.portable.import(readPortable(memorySource(files), read), importing);
  return { at, report, files };
}

test.each([
  ["plain", {}, { trustFacts: "all" }],
  ["sealed", { password }, { password }],
  ["plain with sidecars", { hmacSecret: "s3" }, { hmacSecrets: ["other", "s3"], trustFacts: "all" }],
] as const)("what was imported and written again (%s) is the same", async (_name, write, read) => {
  using directory = await referenceDirectory();
  fillDirectory(directory);
  await using first = await temporaryState();
  await takeIn(directory, first.state, { trustFacts: "all" });
  await first.state.memory.write("a/b", { key: "k", value: "v", origin: { kind: "owner" }, updatedAtMs: 5 });
  const { at, report } = await through(first.state, write, { ...read, trustFacts: "all" });
  await using second = at;
  expect(report.problems.filter(({ state }) => state !== "note")).toEqual([]);
  expect(await contentOf(second.state)).toEqual(await contentOf(first.state));
  expect(await second.state.verify()).toEqual([]);
});

test("labels in sealed files, and in files that a sidecar under an own secret proves, are believed; in others they are not", async () => {
  await using first = await temporaryState();
  const { id } = await first.state.sessions.upsert(SessionKey.parse("mine"), {}, 1);
  const blocks: Block[] = [{ type: "text", text: "my words", origin: { kind: "owner" } }];
  await first.state.sessions.append(id, [{ id: "m", role: "user", blocks, createdAtMs: 1 }]);
  const originIn = async (write: Partial<WriteOptions>, read: ReadOptions) => {
    const { at } = await through(first.state, write, read);
    await using second = at;
    const [message] = await second.state.sessions.history(id, {});
    return message?.blocks;
  };
  const strange: Block[] = [{ type: "text", text: "my words", origin: { kind: "imported" } }];
  expect(await originIn({ password }, { password })).toEqual([...blocks]);
  expect(await originIn({ hmacSecret: "s" }, { ownHmacSecrets: ["s"] })).toEqual([...blocks]);
  // Whoever made the files may have chosen the secret, too.
  expect(await originIn({ hmacSecret: "s" }, { hmacSecrets: ["s"], ownHmacSecrets: ["u"] })).toEqual(strange);
  expect(await originIn({ hmacSecret: "s" }, { hmacSecrets: ["t"] })).toEqual(strange);
  expect(await originIn({}, {})).toEqual(strange);
});

const text = fc.string({ unit: "binary", maxLength: 30 });
const origin: fc.Arbitrary<Origin> = fc.oneof(
  fc.constant<Origin>({ kind: "owner" }),
  fc.record({ kind: fc.constant("web" as const), ref: fc.string({ maxLength: 9 }) }),
  fc.constant<Origin>({ kind: "model", from: ["peer", "web"] }),
);
const json = fc.jsonValue({ maxDepth: 2 });
const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ type: fc.constant("text" as const), text, origin }),
  fc.record({ type: fc.constant("tool_use" as const), id: text, name: text, input: fc.constant({ a: [1] }) }),
  fc.record({
    type: fc.constant("tool_result" as const),
    toolUseId: text,
    name: text,
    content: text,
    isError: fc.boolean(),
    origin,
  }),
);
const message = fc.record(
  {
    role: fc.constantFrom<NewMessage["role"]>("user", "assistant", "system", "tool"),
    blocks: fc.array(block, { maxLength: 3 }),
    createdAtMs: fc.nat(),
    tokens: fc.nat(),
    metadata: fc.dictionary(fc.constantFrom("model", "reference_line", "x"), json, { maxKeys: 3 }),
  },
  { requiredKeys: ["role", "blocks", "createdAtMs"] },
);
const metadata = fc.record(
  { name: text, agentId: text, channel: text, tags: fc.array(text, { maxLength: 2 }), extra: json },
  { requiredKeys: [] },
);

test("any session comes back as it was, through plain and through sealed files", async () => {
  const history = fc.array(message, { maxLength: 5 });
  const property = fc.asyncProperty(
    metadata,
    history,
    fc.boolean(),
    fc.boolean(),
    async (given, drafts, isSealed, isArchived) => {
      await using first = await temporaryState();
      const { id } = await first.state.sessions.upsert(SessionKey.parse("any"), given, 1);
      await first.state.sessions.append(
        id,
        drafts.map((draft, at) => ({ ...draft, id: `m${at}` })),
      );
      if (drafts.length > 1) {
        const summary = [{ type: "text", text: "[m:m0] said", origin: { kind: "model" } }] as const;
        await first.state.sessions.compact(id, {
          throughSeq: 1,
          summary,
          messagesCompacted: 1,
          createdAtMs: 9,
        });
      }
      if (isArchived) await first.state.sessions.archive(id, false, 10);
      const sealing = isSealed ? { password } : {};
      const { at, report } = await through(first.state, sealing, { ...sealing, trustFacts: "all" });
      await using second = at;
      expect(report.problems).toEqual([]);
      const sizeless = async (state: State) => {
        const { archives, ...rest } = await contentOf(state);
        return { ...rest, archives: archives.archives.map(({ sizeBytes: _size, ...archive }) => archive) };
      };
      expect(await sizeless(second.state)).toEqual(await sizeless(first.state));
    },
  );
  await fc.assert(property, { numRuns: 12, seed: 4711 });
});

test("of a damaged session what can be read is written, and it is told", async () => {
  await using at = await temporaryState();
  const { id } = await at.state.sessions.upsert(SessionKey.parse("hurt"), {}, 1);
  const said = (text: string): Block[] => [{ type: "text", text, origin: { kind: "owner" } }];
  const drafts = ["one", "two"].map((text) => ({
    id: text,
    role: "user" as const,
    blocks: said(text),
    createdAtMs: 1,
  }));
  await at.state.sessions.append(id, drafts);
  await at.close();
  const raw = await rawDatabase(at.dir, at.keys);
  raw.exec("UPDATE messages SET created_at = 7 WHERE id = 'one'");
  raw.close();
  const state = await at.reopen();
  await state.verify();
  const told: PortableProblem[] = [];
  const files = await writtenFiles(state, { onProblem: (problem) => void told.push(problem) });
  expect(
    Buffer.from(files.get(`sessions/${id}.jsonl`) ?? [])
      .toString()
      .match(/one|two/g),
  ).toContain("two");
  expect(told).toMatchObject([
    { state: "note", path: `sessions/${id}.json`, say: expect.stringContaining("hurt") },
  ]);
});
