import { expect, test } from "bun:test";
import type { Tool } from "@carapace/agent";
import { startTestGateway, type TestGatewayOptions } from "../testing/test-gateway.ts";

type Run = (input: unknown, signal: AbortSignal) => Promise<unknown>;

/** A tool of a test's own. */
function tool(name: string, run: Run, facts: Partial<Tool> = {}): Tool {
  return {
    ...{ name, description: "", inputSchema: { type: "object" }, effect: "once" },
    parse: (input) => ({
      ok: true,
      run: async ({ signal }) => ({
        value: JSON.parse(JSON.stringify((await run(input, signal)) ?? null)),
        origin: { kind: "tool", ref: name },
      }),
    }),
    ...facts,
  };
}

async function startTools(options: TestGatewayOptions = {}) {
  const gateway = await startTestGateway({ replies: ["x"], ...options });
  const origin = `http://127.0.0.1:${gateway.gateway.port}`;
  const Authorization = `Bearer ${gateway.token}`;
  const answer = async (response: Response) => [response.status, await response.json()] as const;
  return {
    gateway,
    invoke: async (body: unknown, headers: Record<string, string> = {}) =>
      answer(
        await fetch(`${origin}/tools/invoke`, {
          ...{ method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) },
          headers: { Authorization, "Content-Type": "application/json", ...headers },
        }),
      ),
    list: async (query = "") =>
      answer(await fetch(`${origin}/tools${query}`, { headers: { Authorization } })),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

const toolError = (message: unknown) => ({ ok: false, error: { type: "tool_error", message } });
const notFound = (name: string) => ({
  ok: false,
  error: { type: "not_found", message: `Tool not available: ${name}` },
});

test("a tool answers with its value; its name may be spelt in any case", async () => {
  await using tools = await startTools();
  expect(await tools.invoke({ tool: "TIME" })).toEqual([
    200,
    { ok: true, result: { timestamp: expect.any(String), timezone: "UTC", unix: expect.any(Number) } },
  ]);
  expect(await tools.invoke({ tool: "math_eval", args: { expression: "6*7" } })).toMatchObject([
    200,
    { result: { result: 42 } },
  ]);
});

test("arguments are checked before anything runs; what is no object counts as none", async () => {
  await using tools = await startTools();
  expect(await tools.invoke({ tool: "time", args: [1, 2] })).toMatchObject([200, { ok: true }]);
  for (const args of [{}, { expression: 5 }, { expression: "1", other: 2 }, { __proto__: null }]) {
    expect(await tools.invoke({ tool: "math_eval", args })).toEqual([
      400,
      toolError(expect.stringContaining("do not fit")),
    ]);
  }
});

test("an action is written into the arguments", async () => {
  let seen: unknown;
  const spy = tool("files", async (input) => {
    seen = input;
  });
  await using tools = await startTools({ tools: [spy] });
  await tools.invoke({ tool: "files", action: "read", args: { action: "write", path: "/x" } });
  expect(seen).toEqual({ action: "read", path: "/x" });
});

test("a dry run checks everything and does nothing", async () => {
  let runs = 0;
  const spy = tool("pay", async () => {
    runs += 1;
  });
  await using tools = await startTools({ tools: [spy] });
  expect(await tools.invoke({ tool: "pay", dryRun: true })).toEqual([
    200,
    { ok: true, result: { dryRun: true, tool: "pay", effect: "once" } },
  ]);
  expect((await tools.invoke({ tool: "math_eval", args: {}, dryRun: true }))[0]).toBe(400);
  expect(runs).toBe(0);
});

test("what an agent's policy denies is not there for its callers either, and that is audited", async () => {
  const config = {
    agents: {
      list: [{ id: "narrow", tools: { policy: "allow-list", list: ["time"] } }],
    },
  };
  await using tools = await startTools({ config });
  const headers = { "X-Carapace-Agent-Id": "narrow" };
  expect((await tools.invoke({ tool: "time" }, headers))[0]).toBe(200);
  expect(await tools.invoke({ tool: "math_eval", args: { expression: "1" } }, headers)).toEqual([
    404,
    notFound("math_eval"),
  ]);
  using link = await tools.gateway.connect();
  const told = JSON.stringify((await link.call("audit.tail", {})).payload);
  expect(told).toContain('"tool_executed"');
  expect(told).toContain('"tool_denied"');
  expect(told).toContain("agent:narrow");
});

test("the conversation that is named decides which agent's policy holds", async () => {
  const config = {
    agents: {
      defaults: { tools: { policy: "deny-list", list: ["math_eval"] } },
      list: [{ id: "wide", tools: { policy: "allow-all", list: [] } }],
    },
  };
  await using tools = await startTools({ config });
  using link = await tools.gateway.connect();
  await link.call("sessions.create", { key: "desk", agentId: "wide" });
  const ask = { tool: "math_eval", args: { expression: "1" } };
  expect((await tools.invoke({ ...ask, sessionKey: "desk" }))[0]).toBe(200);
  expect((await tools.invoke(ask))[0]).toBe(404);
  const names = ([, body]: readonly [number, unknown]) =>
    Object(body).tools.map(({ name }: { name: string }) => name);
  expect(names(await tools.list())).not.toContain("math_eval");
  expect(names(await tools.list("?sessionKey=desk"))).toContain("math_eval");
});

test("a tool that fails is told of, without the secrets that the gateway holds", async () => {
  const secret = "correct-horse-battery-staple-7";
  const failing = tool("failing", async () => {
    throw new Error(`cannot use ${secret}`);
  });
  const telling = tool("telling", async () => ({ note: `the key is ${secret}` }));
  await using tools = await startTools({ tools: [failing, telling], env: { OPENAI_API_KEY: secret } });
  expect(await tools.invoke({ tool: "failing" })).toEqual([
    400,
    toolError(expect.stringMatching(/^The tool failed: cannot use \[REDACTED\]/)),
  ]);
  const [status, body] = await tools.invoke({ tool: "telling" });
  expect([status, JSON.stringify(body)]).toEqual([200, expect.not.stringContaining("horse")]);
});

test("a result of more than 1 MiB is refused", async () => {
  const large = tool("large", async () => "x".repeat(1024 * 1024));
  await using tools = await startTools({ tools: [large] });
  expect(await tools.invoke({ tool: "large" })).toEqual([400, toolError(expect.stringContaining("1 MiB"))]);
});

test("a caller that goes away stops the tool", async () => {
  const begun = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const slow = tool("slow", async (_input, signal) => {
    signal.addEventListener("abort", () => stopped.resolve(), { once: true });
    begun.resolve();
    await stopped.promise;
  });
  await using tools = await startTools({ tools: [slow] });
  const client = new AbortController();
  const answer = fetch(`http://127.0.0.1:${tools.gateway.gateway.port}/tools/invoke`, {
    ...{ method: "POST", body: '{"tool":"slow"}', signal: client.signal },
    headers: { Authorization: `Bearer ${tools.gateway.token}`, "Content-Type": "application/json" },
  }).catch(() => "gone");
  await begun.promise;
  client.abort();
  await stopped.promise;
  expect(await answer).toBe("gone");
});

test.each([
  ["half of a body", "{", expect.stringContaining("Invalid JSON: ")],
  ["a body of brackets", "[".repeat(100_000), expect.stringContaining("nested deeper")],
  ["a list", "[]", "tools.invoke requires body.tool"],
  ["a blank name", { tool: "  " }, "tools.invoke requires body.tool"],
  ["a number for a name", { tool: 5 }, "tools.invoke requires body.tool"],
  ["a number for a session", { tool: "time", sessionKey: 5 }, expect.stringContaining("sessionKey")],
  ["a word for dryRun", { tool: "time", dryRun: "yes" }, expect.stringContaining("dryRun")],
])("%s is refused", async (_name, body, message) => {
  await using tools = await startTools();
  expect(await tools.invoke(body)).toEqual([400, { error: { message, type: "invalid_request_error" } }]);
});

test.each(["constructor", "__proto__", "toString", "nobody"])("there is no tool %s", async (name) => {
  await using tools = await startTools();
  expect(await tools.invoke({ tool: name })).toEqual([404, notFound(name)]);
});

test("whoever has no credential learns nothing", async () => {
  await using tools = await startTools();
  const unauthorized = { error: { message: "Unauthorized", type: "unauthorized" } };
  expect(await tools.invoke("{", { Authorization: "Bearer wrong" })).toEqual([401, unauthorized]);
});
