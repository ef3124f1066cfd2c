import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLocalToken } from "@carapace/config/local-token";
import { startChildGateway } from "../testing/child.ts";
import { openLink, type ScriptedReply, startTestGateway, type TestLink } from "../testing/index.ts";

/** A reply that waits until the test lets it go. */
function held(reply: { text?: string; calls?: { name: string; input?: string }[] }) {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const before = () => {
    begun.resolve();
    return gate.promise;
  };
  return { reply: { ...reply, before }, release: () => gate.resolve(), begun: begun.promise };
}

/** What the model was asked last, and answers. */
const echo: ScriptedReply = (request) => {
  const texts = request.messages
    .at(-1)
    ?.blocks.map((block) => (block.type === "text" ? block.text : "[result]"));
  return `heard: ${texts?.join(" + ")}`;
};

const send = (link: TestLink, id: string, more: object = {}) =>
  link.call("chat.send", { message: id, sessionKey: "s", idempotencyKey: id, ...more });

async function dialogue(link: TestLink): Promise<string[]> {
  const history = await link.call("chat.history", { sessionKey: "s" });
  const messages: { role: string; content: string }[] = Object(history.payload["messages"]);
  return messages.filter(({ role }) => role !== "tool").map(({ role, content }) => `${role}: ${content}`);
}

const mode = (queueMode: string) => ({ session: { queueMode } });

test("collect: all messages that wait when a turn starts are answered by it, each once", async () => {
  const first = held({ text: "one" });
  await using gateway = await startTestGateway({ config: mode("collect"), replies: [first.reply, echo] });
  using link = await gateway.connect();
  await send(link, "a");
  await first.begun;
  for (const id of ["b", "c", "d"]) await send(link, id);
  first.release();
  expect(await link.ended("b")).toMatchObject({ state: "final", message: { content: "heard: b + c + d" } });
  expect(await link.ended("c")).toMatchObject({ state: "final", message: { content: "" } });
  expect(await dialogue(link)).toEqual([
    "user: a",
    "assistant: one",
    "user: b",
    "user: c",
    "user: d",
    "assistant: heard: b + c + d",
  ]);
  expect((await link.call("agent.wait", { runId: "d" })).payload["status"]).toBe("ok");
  expect((await send(link, "d")).payload).toMatchObject({ duplicate: true, status: "completed" });
});

test("collect: what does not fit into a turn's context is answered by the next one", async () => {
  const first = held({ text: "one" });
  const count: ScriptedReply = (request) => `read ${request.messages.at(-1)?.blocks.length}`;
  const config = { ...mode("collect"), agents: { defaults: { contextTokens: 60_000, maxTokens: 1000 } } };
  await using gateway = await startTestGateway({ config, replies: [first.reply, count] });
  using link = await gateway.connect();
  await send(link, "a");
  await first.begun;
  // Each is about 8000 tokens, and half of the room are 20,000.
  for (const id of ["b", "c", "d", "e"]) await send(link, id, { message: `${id} ${"word ".repeat(5000)}` });
  first.release();
  expect(await link.ended("b")).toMatchObject({ message: { content: "read 2" } });
  expect(await link.ended("d")).toMatchObject({ message: { content: "read 2" } });
});

test("steer: a message joins the running turn before its next step", async () => {
  const first = held({ calls: [{ name: "current_time" }] });
  await using gateway = await startTestGateway({ config: mode("steer"), replies: [first.reply, echo] });
  using link = await gateway.connect();
  await send(link, "a");
  await first.begun;
  await send(link, "b");
  first.release();
  expect(await link.ended("a")).toMatchObject({ message: { content: "heard: [result] + b" } });
  expect(await link.ended("b")).toMatchObject({ state: "final", message: { content: "" } });
});

test("steer: what comes during the last step gets its own turn, and so does what asks for another model", async () => {
  const first = held({ text: "one" });
  await using gateway = await startTestGateway({ config: mode("steer"), replies: [first.reply, echo] });
  using link = await gateway.connect();
  await send(link, "a");
  await first.begun;
  await send(link, "b");
  await send(link, "c", { model: "offline:other" });
  first.release();
  expect(await link.ended("b")).toMatchObject({ message: { content: "heard: b" } });
  expect(await link.ended("c")).toMatchObject({ message: { content: "heard: c" } });
});

test("interrupt: a new message cancels the running turn, whose partial reply is kept", async () => {
  const begun = Promise.withResolvers<void>();
  const endless = { text: "half a", hang: true, before: () => begun.resolve() };
  await using gateway = await startTestGateway({ config: mode("interrupt"), replies: [endless, echo] });
  using link = await gateway.connect();
  await send(link, "a");
  await link.event("agent", (payload) => payload["stream"] === "text");
  await send(link, "b");
  expect(await link.ended("a")).toMatchObject({ state: "aborted" });
  expect(await link.ended("b")).toMatchObject({ message: { content: "heard: b" } });
  expect(await dialogue(link)).toEqual(["user: a", "assistant: half a", "user: b", "assistant: heard: b"]);
});

test("the mode is read anew for each message: a changed configuration counts at once, a channel's own wins", async () => {
  const first = held({ text: "one" });
  await using gateway = await startTestGateway({ config: mode("collect"), replies: [first.reply, echo] });
  using link = await gateway.connect();
  await send(link, "a");
  await first.begun;
  for (const id of ["b", "c"]) await send(link, id);
  const channels = { default: { session: { queueMode: "follow-up" } } };
  await writeFile(join(gateway.stateDir, "carapace.json"), JSON.stringify({ ...mode("collect"), channels }));
  expect((await gateway.gateway.reload()).ok).toBe(true);
  first.release();
  expect(await link.ended("b")).toMatchObject({ message: { content: "heard: b" } });
  expect(await link.ended("c")).toMatchObject({ message: { content: "heard: c" } });
});

test("messages that joined a turn before a kill are answered by it after the restart, and stand there once", async () => {
  const dir = await mkdtemp(join(tmpdir(), "carapace-queue-"));
  try {
    await writeFile(join(dir, "carapace.json"), JSON.stringify(mode("collect")), { mode: 0o600 });
    const token = () => {
      const found = readLocalToken(dir);
      return found.ok ? (found.value ?? "") : "";
    };
    const child = await startChildGateway(dir);
    {
      using link = await openLink(child.url, { token: token() });
      await send(link, "a");
      await child.asked;
      for (const id of ["b", "c"]) await send(link, id);
      await link.call("chat.abort", { runId: "a" });
      await link.event("chat", (payload) => payload["runId"] === "c" && payload["state"] === "final");
      await child.kill();
    }
    await using gateway = await startTestGateway({ stateDir: dir, replies: [echo] });
    using link = await gateway.connect();
    expect((await link.call("agent.wait", { runId: "b" })).payload).toMatchObject({
      response: "heard: b + c",
    });
    expect((await dialogue(link)).filter((line) => line.startsWith("user"))).toEqual([
      "user: a",
      "user: b",
      "user: c",
    ]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 20_000);
