import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLocalToken } from "@carapace/config/local-token";
import { startChildGateway } from "../testing/child.ts";
import { openLink, startTestGateway } from "../testing/index.ts";

async function temporaryDir() {
  const path = await mkdtemp(join(tmpdir(), "carapace-crash-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function tokenIn(dir: string): string {
  const token = readLocalToken(dir);
  return token.ok ? (token.value ?? "") : "";
}

/** Lets a gateway be killed in the middle of a turn. */
async function crashInTurn(dir: string, message?: string): Promise<void> {
  const child = await startChildGateway(dir);
  using link = await openLink(child.url, { token: tokenIn(dir) });
  if (message !== undefined)
    await link.call("chat.send", { message, sessionKey: "s", idempotencyKey: message });
  await child.asked;
  await link.call("chat.send", { message: "queued", sessionKey: "s", idempotencyKey: "queued" });
  await child.kill();
}

test("after a kill in the middle of a turn, the turn is finished and what waited is answered, once each", async () => {
  await using dir = await temporaryDir();
  await crashInTurn(dir.path, "first");
  await using gateway = await startTestGateway({ stateDir: dir.path, replies: ["answered"] });
  using link = await gateway.connect();
  for (const runId of ["first", "queued"]) {
    expect((await link.call("agent.wait", { runId })).payload).toMatchObject({
      status: "ok",
      response: "answered",
    });
  }
  const history = await link.call("chat.history", { sessionKey: "s" });
  const messages: { role: string; content: string }[] = Object(history.payload["messages"]);
  expect(messages.map(({ role, content }) => `${role}: ${content}`)).toEqual([
    "user: first",
    "assistant: answered",
    "user: queued",
    "assistant: answered",
  ]);
  const repeated = await link.call("chat.send", {
    message: "first",
    sessionKey: "s",
    idempotencyKey: "first",
  });
  expect(repeated.payload).toMatchObject({ duplicate: true, status: "completed", response: "answered" });
}, 20_000);

test("a turn that was cut off five times is given up, with a sentence, and the session goes on", async () => {
  await using dir = await temporaryDir();
  await crashInTurn(dir.path, "poison");
  for (let crash = 1; crash < 5; crash += 1) await crashInTurn(dir.path);
  await using gateway = await startTestGateway({ stateDir: dir.path, replies: ["answered"] });
  using link = await gateway.connect();
  const given = await link.call("agent.wait", { runId: "poison" });
  expect(given.payload["status"]).toBe("error");
  expect(String(given.payload["error"])).toContain("stopped 5 times in the middle of this turn");
  expect((await link.call("agent.wait", { runId: "queued" })).payload).toMatchObject({ status: "ok" });
}, 30_000);
