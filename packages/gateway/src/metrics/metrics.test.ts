import { expect, test } from "bun:test";
import { createRunFeed, type RunNews } from "../runs/feed.ts";
import { metricCatalog } from "./catalog.ts";
import { createMetrics } from "./metrics.ts";
import { countRuns } from "./run-metrics.ts";

const lineOf = (text: string, start: string) => text.split("\n").filter((line) => line.startsWith(start));

test("each metric has its help and type; an empty vector only those", async () => {
  const text = await createMetrics().render();
  const names = lineOf(text, "# TYPE ").map((line) => line.split(" ")[2] ?? "");
  expect(new Set(names).size).toBe(Object.keys(metricCatalog).length);
  expect(names.every((name) => name.startsWith("carapace_"))).toBe(true);
  expect(lineOf(text, "carapace_http_requests_total")).toEqual([]);
  expect(lineOf(text, "carapace_ws_broadcast_drops_total")).toEqual(["carapace_ws_broadcast_drops_total 0"]);
  expect(text).toEndWith("\n");
});

test("labels are escaped and sorted, counts are whole numbers", async () => {
  const metrics = createMetrics();
  metrics.count("http_requests_total", { method: "POST", path: "/b", status: "200" });
  metrics.count("http_requests_total", { method: "GET", path: 'a"\\\n', status: "404" }, 2);
  expect(lineOf(await metrics.render(), "carapace_http_requests_total")).toEqual([
    'carapace_http_requests_total{method="GET",path="a\\"\\\\\\n",status="404"} 2',
    'carapace_http_requests_total{method="POST",path="/b",status="200"} 1',
  ]);
});

test("a histogram counts up to each bound", async () => {
  const metrics = createMetrics();
  for (const seconds of [0.05, 0.06, 40])
    metrics.observe("matrix_outbound_send_duration_seconds", {}, seconds);
  const lines = lineOf(await metrics.render(), "carapace_matrix_outbound_send_duration_seconds");
  expect(lines[0]).toEndWith('{le="0.05"} 1');
  expect(lines[1]).toEndWith('{le="0.1"} 2');
  expect(lines.at(-3)).toEndWith('{le="+Inf"} 3');
  expect(lines.at(-2)).toBe("carapace_matrix_outbound_send_duration_seconds_sum 40.11");
  expect(lines.at(-1)).toBe("carapace_matrix_outbound_send_duration_seconds_count 3");
});

test("values a caller chose take no more than their bound", async () => {
  const metrics = createMetrics();
  for (let n = 0; n < 5000; n++) metrics.count("ws_messages_total", { method: `m${n}` });
  const lines = lineOf(await metrics.render(), "carapace_ws_messages_total{");
  expect(lines).toHaveLength(201);
  expect(lines).toContain('carapace_ws_messages_total{method="other"} 4800');
});

test("what is kept elsewhere is asked for when somebody looks", async () => {
  const metrics = createMetrics();
  metrics.read("tasks", async () => new Map([["queued", 2]]));
  metrics.read("sessions_active", () => 3);
  metrics.read("open_fds", () => undefined);
  const text = await metrics.render();
  expect(lineOf(text, "carapace_tasks")).toEqual(['carapace_tasks{state="queued"} 2']);
  expect(lineOf(text, "carapace_sessions_active")).toEqual(["carapace_sessions_active 3"]);
  expect(lineOf(text, "carapace_open_fds")).toEqual([]);
});

test("turns are counted by what they tell", async () => {
  const feed = createRunFeed();
  const metrics = createMetrics();
  let nowMs = 0;
  using _counting = countRuns(feed, metrics, () => nowMs);
  const base = { runId: "r", seq: 0, ts: 0 };
  const tell = (payload: Extract<RunNews, { event: "agent" }>["payload"]) => {
    nowMs += 1000;
    feed.publish({ event: "agent", payload });
  };
  tell({ ...base, stream: "started", data: { sessionKey: "s", model: "openai:gpt:x" } });
  tell({ ...base, stream: "text", data: { delta: "a" } });
  tell({ ...base, stream: "text", data: { delta: "b" } });
  tell({ ...base, stream: "tool_result", data: { toolUseId: "t", name: "time", result: "", isError: true } });
  const usage = { inputTokens: 5, outputTokens: 7 };
  tell({ ...base, stream: "complete", data: { stopReason: "end_turn", usage } });
  const text = await metrics.render();
  for (const line of [
    'carapace_agent_runs_total{provider="openai",model="gpt:x"} 1',
    'carapace_agent_runs_ended_total{outcome="completed"} 1',
    'carapace_tool_calls_total{tool="time",outcome="error"} 1',
    "carapace_agent_run_duration_seconds_sum 4",
    "carapace_agent_first_text_seconds_count 1",
  ])
    expect(text).toContain(`${line}\n`);
});
