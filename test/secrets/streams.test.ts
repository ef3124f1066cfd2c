import { expect, test } from "bun:test";
import { isRecord } from "@carapace/protocol";
import { type AnthropicBlock, anthropicEvents } from "../../packages/agent/testing/vendors/anthropic.ts";
import type { MadeSecret } from "../../packages/config/src/redaction/testing/secrets.ts";
import { introduce, openClient, type TestClient } from "../../packages/gateway/src/listen/testing/client.ts";
import { searchFor } from "../support/leaks.ts";
import { cara, createGarden, type DrivenGateway, openPlace, startDriven, writeConfig } from "./driven.ts";

const token = "a-token-for-tests-of-forty-characters-00";
const pieceChars = 5;

/** What a model was given once, or made up: said in the answer, and typed into the arguments of calls. */
interface Spoken {
  readonly said: MadeSecret;
  readonly argument: MadeSecret;
  readonly last: MadeSecret;
}

function pieces(text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / pieceChars) }, (_, n) =>
    text.slice(n * pieceChars, (n + 1) * pieceChars),
  );
}

function blocksOf({ said, argument, last }: Spoken, isAfterCalls: boolean): AnthropicBlock[] {
  if (isAfterCalls) return [{ type: "text", deltas: pieces(`It was ${last.text} .`) }];
  const call = (id: string, name: string, input: unknown): AnthropicBlock => ({
    ...{ type: "tool_use", id, name, json: pieces(JSON.stringify(input)) },
  });
  return [
    { type: "text", deltas: pieces(`I found ${said.text} and look further.`) },
    call("toolu_1", "math_eval", { expression: argument.text }),
    call("toolu_2", "no_such_tool", { note: argument.text }),
  ];
}

/** Answers in the wire of Anthropic, in pieces that cut every secret. `ask 7` gets the seventh. */
function leakyVendor(spoken: readonly Spoken[]): Disposable & { readonly url: string } {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(asked) {
      const body = await asked.text();
      const one = spoken[Number(/ask (\d+)/.exec(body)?.[1])];
      if (one === undefined) return new Response("", { status: 400 });
      const isAfterCalls = body.includes("tool_result");
      const stopReason = isAfterCalls ? "end_turn" : "tool_use";
      const events = anthropicEvents({ blocks: blocksOf(one, isAfterCalls), stopReason });
      const text = events.map((lines) => `${lines.join("\n")}\n\n`).join("");
      return new Response(text, { headers: { "content-type": "text/event-stream" } });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, [Symbol.dispose]: () => void server.stop(true) };
}

async function operator(gateway: DrivenGateway): Promise<TestClient> {
  const client = await openClient(gateway.url);
  const connect = { role: "operator", scopes: ["operator.admin"], auth: { token } } as const;
  const hello = await introduce(client, { connect: { ...connect, scopes: [...connect.scopes] } });
  if (hello["ok"] !== true) throw new Error(JSON.stringify(hello));
  return client;
}

async function ask(client: TestClient, n: number): Promise<void> {
  const { payload } = await client.request("chat.send", {
    ...{ message: `ask ${n}`, idempotencyKey: `ask-${n}`, sessionKey: `asked-${n}` },
  });
  const runId = isRecord(payload) ? payload["runId"] : undefined;
  const ended = await client.request("agent.wait", { runId, timeoutMs: 10_000 });
  expect(ended).toMatchObject({ payload: { status: "ok" } });
}

test("a secret that a model says, in whatever pieces, stands in no event, answer, history, log, nor on the disk", async () => {
  using place = openPlace();
  const garden = createGarden(5);
  const [said, inCalls, last] = ["said", "argument of a call", "last word"].map((at) => garden.plant(at));
  const spoken = (said ?? []).flatMap((one, n) => {
    const [argument, end] = [inCalls?.[n], last?.[n]];
    return argument && end ? [{ said: one, argument, last: end }] : [];
  });
  expect(spoken.length).toBeGreaterThan(40);
  using vendor = leakyVendor(spoken);
  const config = {
    gateway: { auth: { mode: "token", token }, ws: { messageRate: 1e9, messageBurst: 1e9 } },
    anthropic: { apiKey: "sk-ant-api03-of-the-owner-0123456789", baseUrl: vendor.url },
    agents: { defaults: { model: "anthropic:claude-sonnet-4-5" } },
  };
  writeConfig(place, JSON.stringify(config));
  await using gateway = await startDriven(place);
  using owner = await operator(gateway);
  for (const n of spoken.keys()) await ask(owner, n);
  for (const n of spoken.keys()) await owner.request("chat.history", { sessionKey: `asked-${n}` });
  await owner.request("sessions.list", {});
  await owner.request("logs.tail", { limit: 5000, maxBytes: 1_000_000, level: "trace" });
  await owner.request("audit.tail", { limit: 1000 });
  const logs = await cara(["logs", "-n", "5000", "--port", String(gateway.port)], place);
  const audit = await cara(["audit", "export", "--port", String(gateway.port)], place);
  const printed = await gateway.stop();

  const all = JSON.stringify(owner.frames);
  // The answers did arrive, with the secrets cut out.
  expect(all.split("[REDACTED").length).toBeGreaterThan(3 * spoken.length);
  expect(all).toContain("and look further.");
  // What only looks random stays in a conversation: it is often what was asked for.
  const search = searchFor(garden.planted.filter(({ label }) => !label.includes(": random ")));
  const leaks = [
    ...owner.frames.flatMap((frame) => {
      const what = frame["type"] === "event" ? `event ${JSON.stringify(frame["event"])}` : "answer";
      return search.in(what, JSON.stringify(frame));
    }),
    ...search.in("what the gateway printed", printed),
    ...search.in("cara logs", logs.stdout + logs.stderr),
    ...search.in("cara audit export", audit.stdout + audit.stderr),
    ...search.under(place.home, () => false),
  ];
  expect([...new Set(leaks)]).toEqual([]);
}, 60_000);
