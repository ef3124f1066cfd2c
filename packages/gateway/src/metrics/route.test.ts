import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startTestGateway } from "../testing/index.ts";

test("metrics tell what the gateway did, without a credential on this machine", async () => {
  await using gateway = await startTestGateway({ replies: ["Hello."] });
  using link = await gateway.connect();
  await link.call("chat.send", { message: "hi", sessionKey: "main", idempotencyKey: "r" });
  await link.ended("r");
  const answer = await fetch(`http://127.0.0.1:${gateway.gateway.port}/metrics`);
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await answer.text();
  for (const line of [
    'carapace_ws_messages_total{method="chat.send"} 1',
    'carapace_agent_runs_total{provider="offline",model="basic"} 1',
    'carapace_agent_runs_ended_total{outcome="completed"} 1',
    "carapace_ws_connections_active 1",
    "carapace_sessions_active 1",
    "carapace_agent_runs_unfinished 0",
    "carapace_outbox_messages 0",
  ])
    expect(text).toContain(`${line}\n`);
  expect(text).toMatch(/\ncarapace_memory_rss_bytes \d{7,}\n/);
  expect(text).toMatch(/\ncarapace_build_info\{version="[^"]+"\} 1\n/);
});

test("tokens of every model call are counted, of a turn or of a plain completion, with usage recorded or not", async () => {
  const config = { gateway: { openai: { chatCompletions: true } } };
  await using gateway = await startTestGateway({ config, replies: ["Hello."] });
  using link = await gateway.connect();
  await link.call("usage.disable");
  await link.call("chat.send", { message: "hi", sessionKey: "main", idempotencyKey: "r" });
  await link.ended("r");
  const origin = `http://127.0.0.1:${gateway.gateway.port}`;
  const body = JSON.stringify({ model: "offline:basic", messages: [{ role: "user", content: "hi" }] });
  const headers = { Authorization: `Bearer ${gateway.token}`, "Content-Type": "application/json" };
  const answer = await fetch(`${origin}/v1/chat/completions`, { method: "POST", headers, body });
  expect(await answer.json()).toMatchObject({ usage: { prompt_tokens: 10, completion_tokens: 1 } });
  const text = await (await fetch(`${origin}/metrics`)).text();
  expect(text).toContain('carapace_agent_tokens_total{direction="input"} 20\n');
  expect(text).toContain('carapace_agent_tokens_total{direction="output"} 2\n');
});

test("others need the credential, unless the owner made the metrics public", async () => {
  await using gateway = await startTestGateway();
  const url = `http://127.0.0.1:${gateway.gateway.port}/metrics`;
  const forwarded = { "X-Forwarded-For": "203.0.113.9" };
  expect((await fetch(url, { headers: forwarded })).status).toBe(401);
  const Authorization = `Bearer ${gateway.token}`;
  expect((await fetch(url, { headers: { ...forwarded, Authorization } })).status).toBe(200);
  const config = { gateway: { metrics: { public: true } } };
  await writeFile(join(gateway.stateDir, "carapace.json"), JSON.stringify(config), { mode: 0o600 });
  await gateway.gateway.reload();
  expect((await fetch(url, { headers: forwarded })).status).toBe(200);
});
