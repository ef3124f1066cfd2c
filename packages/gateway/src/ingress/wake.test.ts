import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLocalToken } from "@carapace/config/local-token";
import { hintedSessionKey } from "@carapace/protocol";
import { startChildGateway } from "../testing/child.ts";
import { openLink, startTestGateway } from "../testing/index.ts";

function held(text: string) {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const before = () => {
    begun.resolve();
    return gate.promise;
  };
  return { reply: { text, before }, release: () => gate.resolve(), begun: begun.promise };
}

test("a wake without a target is a turn of the main session, whose reply goes to the events", async () => {
  await using gateway = await startTestGateway({ replies: ["Nothing is due."] });
  using link = await gateway.connect();
  const { payload } = await link.call("wake");
  const sessionKey = hintedSessionKey("main");
  expect(payload).toMatchObject({ ok: true, target: null, sessionKey });
  const runId = String(payload["runId"]);
  expect(await link.ended(runId)).toMatchObject({ state: "final", message: { content: "Nothing is due." } });
  const tail = await link.call("logs.tail", { pattern: "^system$" });
  expect(JSON.stringify(tail.payload)).toContain('"text":"wake"');
  const history = await link.call("chat.history", { sessionKey: "main" });
  expect(JSON.stringify(history.payload)).toContain("Heartbeat: ");
});

test("a wake of a conversation looks at that one; the program speaks, not the owner", async () => {
  const roles: unknown[] = [];
  await using gateway = await startTestGateway({
    replies: [
      "Hello.",
      (request) => {
        roles.push(
          request.messages.flatMap(({ blocks }) => blocks).map((block) => "origin" in block && block.origin),
        );
        return "Done.";
      },
    ],
  });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "hi", sessionKey: "work", idempotencyKey: "r" });
  await link.ended("r");
  const { payload } = await link.call("wake", { target: "work" });
  expect(payload).toMatchObject({ target: "work", sessionKey: hintedSessionKey("work") });
  await link.ended(String(payload["runId"]));
  expect(Object(roles[0]).at(-1)).toEqual({ kind: "system", ref: "wake" });
});

test("while a wake of a conversation waits or runs, another one joins it; other conversations have their own", async () => {
  const first = held("one");
  await using gateway = await startTestGateway({ replies: [first.reply] });
  using link = await gateway.connect();
  await link.call("sessions.create", { key: "work" });
  const both = await Promise.all([
    link.call("wake"),
    link.call("wake"),
    link.call("wake", { target: "main" }),
  ]);
  await first.begun;
  const again = await link.call("wake");
  const other = await link.call("wake", { target: "work" });
  const [id] = new Set(
    [...both, again].map(({ payload }) => payload["runId"]).filter((runId) => runId !== null),
  );
  expect(again.payload).toMatchObject({ runId: id, reason: "The turn of an earlier wake has not ended." });
  expect(
    both.filter(({ payload }) => payload["runId"] === id && payload["reason"] === undefined),
  ).toHaveLength(1);
  expect(other.payload["runId"]).not.toBe(id);
  first.release();
  await link.ended(String(id));
  expect((await link.call("wake")).payload["runId"]).not.toBe(id);
});

test("a target that is no conversation starts nothing and makes nothing, and says so", async () => {
  await using gateway = await startTestGateway({ replies: ["one"] });
  using link = await gateway.connect();
  const { payload } = await link.call("wake", { target: "nobody" });
  expect(payload).toMatchObject({ ok: true, target: "nobody", runId: null });
  expect(String(payload["reason"])).toContain("No conversation has this name");
  expect((await link.call("sessions.list")).payload["sessions"]).toEqual([]);
});

test("an archived conversation is left in peace", async () => {
  await using gateway = await startTestGateway({ replies: ["one"] });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "hi", sessionKey: "old", idempotencyKey: "r" });
  await link.ended("r");
  await link.call("sessions.archive", { key: "old" });
  const { payload } = await link.call("wake", { target: "old" });
  expect(payload).toMatchObject({ ok: true, runId: null });
  expect(String(payload["reason"])).toContain("archived");
});

test("a message whose sender calls it like a wake is none, and does not keep one from coming", async () => {
  const first = held("one");
  await using gateway = await startTestGateway({ replies: [first.reply, "Nothing is due."] });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "hi", sessionKey: "main", idempotencyKey: "wake-mine" });
  await first.begun;
  const { payload } = await link.call("wake");
  expect(payload["reason"]).toBeUndefined();
  expect(payload["runId"]).not.toBe("wake-mine");
  first.release();
  expect(await link.ended(String(payload["runId"]))).toMatchObject({ state: "final" });
});

test("without a language model the wake is recorded, and nothing answers it", async () => {
  await using gateway = await startTestGateway();
  using link = await gateway.connect();
  const { payload } = await link.call("wake");
  expect(payload).toMatchObject({ ok: true, runId: null });
  expect(String(payload["reason"])).toContain("No language model is set up");
  await using other = await startTestGateway({ config: { agents: { defaults: { model: "anthropic:x" } } } });
  using second = await other.connect();
  const refused = await second.call("wake");
  expect(refused.payload["runId"]).toBeNull();
  expect(String(refused.payload["reason"])).toContain("ANTHROPIC_API_KEY");
});

test("a wake outlives a kill, and is still the one that others join", async () => {
  const dir = await mkdtemp(join(tmpdir(), "carapace-wake-"));
  try {
    const child = await startChildGateway(dir);
    const token = readLocalToken(dir);
    const link = await openLink(child.url, { token: token.ok ? (token.value ?? "") : "" });
    const runId = String((await link.call("wake")).payload["runId"]);
    await child.asked;
    await child.kill();
    link[Symbol.dispose]();
    const first = held("Nothing is due.");
    await using gateway = await startTestGateway({ stateDir: dir, replies: [first.reply] });
    using next = await gateway.connect();
    expect((await next.call("wake")).payload).toMatchObject({ runId });
    first.release();
    expect((await next.call("agent.wait", { runId })).payload).toMatchObject({ response: "Nothing is due." });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 20_000);
