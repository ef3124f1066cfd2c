import { describe, expect, test } from "bun:test";
import { toolBench } from "../../testing/tool-bench.ts";
import { probeTool } from "../../testing/tools.ts";
import type { Tool } from "../types.ts";
import { type ExecuteOptions, executeTools } from "./execute-tools.ts";
import type { StreamedCall } from "./model-call.ts";
import { maxResultBytes, resultText } from "./result-text.ts";
import { isToolAllowed } from "./tool-policy.ts";

function call(name: string, input: StreamedCall["input"] = {}, id = name): StreamedCall {
  return { type: "tool_use", id, name, input };
}

async function run(
  calls: readonly StreamedCall[],
  tools: readonly Tool[],
  options: Partial<ExecuteOptions> = {},
) {
  await using bench = await toolBench();
  return await executeTools(calls, {
    tools,
    rights: { tools: { policy: "allow-all", list: [] } },
    context: { ...bench.context, steeredBy: [{ kind: "web" }] },
    timeoutMs: 1000,
    startedBefore: new Set(),
    onStart: async () => {},
    settle: (_call, result) => result,
    ...options,
  });
}

describe("tool policy", () => {
  test.each([
    [{ policy: "allow-all", list: [] }, "x", true],
    [{ policy: "allow-list", list: ["time"] }, "TIME", true],
    [{ policy: "allow-list", list: ["time"] }, "x", false],
    [{ policy: "deny-list", list: ["Web_Fetch"] }, "web_FETCH", false],
    [{ policy: "deny-list", list: ["x"] }, "time", true],
    [{ policy: "deny-list", list: ["time"] }, "ｔime", false],
  ] as const)("%j: %p is allowed: %p", (tools, name, allowed) => {
    expect(isToolAllowed(name, tools)).toBe(allowed);
  });
  test("a policy that is not known denies everything", () => {
    const tools = JSON.parse('{"policy":"allow-some","list":["time"]}');
    expect(isToolAllowed("time", tools)).toBe(false);
  });
});

test("read calls run side by side, others alone and in order", async () => {
  const log: string[] = [];
  const both = Promise.withResolvers<void>();
  let reading = 0;
  const read = probeTool("read", "read", async () => {
    if (++reading === 2) both.resolve();
    await both.promise;
    log.push("read");
    return null;
  });
  const write = probeTool("write", "idempotent", async (input) => {
    log.push(`write ${JSON.stringify(input)} begins`);
    await Promise.resolve();
    log.push("ends");
    return null;
  });
  const calls = [
    call("read", {}, "1"),
    call("read", {}, "2"),
    call("write", { n: 1 }, "3"),
    call("write", { n: 2 }, "4"),
    call("read", {}, "5"),
  ];
  const results = await run(calls, [read, write]);
  expect(results.map((result) => result.toolUseId)).toEqual(["1", "2", "3", "4", "5"]);
  expect(log).toEqual([
    "read",
    "read",
    'write {"n":1} begins',
    "ends",
    'write {"n":2} begins',
    "ends",
    "read",
  ]);
});

test("each refusal is an error result, and nothing runs", async () => {
  const tool = probeTool("known", "once", () => 1);
  const started: string[] = [];
  const onStart = async (began: StreamedCall) => void started.push(began.id);
  const rights = { tools: { policy: "deny-list", list: ["secret"] } } as const;
  const calls = [
    call("unknown"),
    call("SECRET"),
    call("known", { n: "text" }, "typed"),
    call("known", { m: 1 }, "extra"),
    call("known", [1], "array"),
    { ...call("known", {}, "json"), invalid: "{" },
  ];
  const results = await run(calls, [tool, probeTool("secret", "read", () => 1)], { onStart, rights });
  expect(results.map((result) => result.isError)).toEqual([true, true, true, true, true, true]);
  expect(results[0]?.content).toBe('There is no tool "unknown".');
  expect(results[1]?.content).toContain("not allowed");
  expect(results[5]?.content).toContain("not valid JSON");
  expect(tool.inputs).toHaveLength(0);
  expect(started).toEqual([]);
});

test("a name in other case finds its tool", async () => {
  const tool = probeTool("known", "read", () => 1);
  expect((await run([call("KNOWN")], [tool]))[0]).toMatchObject({
    content: "1",
    isError: false,
    name: "KNOWN",
  });
});

test("a once tool is noted before it runs", async () => {
  const log: string[] = [];
  const pay = probeTool("pay", "once", () => log.push("ran"));
  await run([call("pay")], [pay], { onStart: async () => void log.push("noted") });
  expect(log).toEqual(["noted", "ran"]);
});

test("a failing tool gives an error result without secrets", async () => {
  const tool = probeTool("bad", "read", () => {
    throw new Error("refused sk-ant-abcdefghijklmn");
  });
  const [result] = await run([call("bad")], [tool]);
  expect(result).toMatchObject({ isError: true, content: "The tool failed: refused [REDACTED]" });
  expect(result?.origin).toEqual({ kind: "tool", ref: "bad", from: ["web"] });
});

test("a tool that takes too long is stopped and told", async () => {
  const stopped = Promise.withResolvers<void>();
  const tool = probeTool("slow", "idempotent", async (_input, { signal }) => {
    signal.addEventListener("abort", () => stopped.resolve(), { once: true });
    await new Promise(() => {});
    return null;
  });
  const [result] = await run([call("slow")], [tool], { timeoutMs: 5 });
  expect(result?.content).toContain("Whether it had an effect is unknown");
  await stopped.promise;
});

test("a result above 64 KiB is cut between characters, with a note within the cap", () => {
  const text = resultText("€".repeat(40_000), false);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxResultBytes);
  expect(Buffer.byteLength(text)).toBeGreaterThan(maxResultBytes - 8);
  expect(text).toEndWith("[Cut: the whole result has 120002 bytes. Ask for less at a time.]");
  expect(text).not.toContain("\ufffd");
});

test("under the exfiltration guard an outward tool is refused, whatever the case of its name", async () => {
  const fetcher = { ...probeTool("web_fetch", "read", () => 1), isOutward: true };
  const rights = { tools: { policy: "allow-all", list: [] }, exfiltrationGuard: true } as const;
  const [result] = await run([call("Web_Fetch")], [fetcher], { rights });
  expect(result).toMatchObject({
    isError: true,
    content: 'The tool "web_fetch" is not allowed for this agent.',
  });
  expect(fetcher.inputs).toHaveLength(0);
});
