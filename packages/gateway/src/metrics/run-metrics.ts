import type { TokenUsage } from "@carapace/protocol";
import type { RunFeed, RunNews } from "../runs/feed.ts";
import type { Metrics } from "./metrics.ts";

interface Following {
  readonly startedMs: number;
  provider: string;
  hasText: boolean;
}

/** How many runs are followed at once: one whose end never comes must not stay for ever. */
const maxFollowed = 1000;

/** Counts the tokens of one model call, of a turn or not, however it ended. */
export function countTokens(metrics: Metrics, { inputTokens, outputTokens }: TokenUsage): void {
  metrics.count("agent_tokens_total", { direction: "input" }, inputTokens);
  metrics.count("agent_tokens_total", { direction: "output" }, outputTokens);
}

/** Counts what turns do, from what they tell. */
export function countRuns(feed: RunFeed, metrics: Metrics, nowMs: () => number): Disposable {
  const running = new Map<string, Following>();

  function began(runId: string, model: string): void {
    const at = model.indexOf(":");
    const provider = at === -1 ? "unknown" : model.slice(0, at);
    metrics.count("agent_runs_total", { provider, model: model.slice(at + 1) });
    const known = running.get(runId);
    if (known !== undefined) known.provider = provider;
    else if (running.size < maxFollowed) running.set(runId, { startedMs: nowMs(), provider, hasText: false });
  }

  function wrote(runId: string): void {
    const run = running.get(runId);
    if (run === undefined || run.hasText) return;
    run.hasText = true;
    metrics.observe("agent_first_text_seconds", {}, (nowMs() - run.startedMs) / 1000);
  }

  function ended(runId: string, outcome: "completed" | "failed" | "cancelled"): void {
    metrics.count("agent_runs_ended_total", { outcome });
    const run = running.get(runId);
    if (run === undefined) return;
    running.delete(runId);
    metrics.observe("agent_run_duration_seconds", {}, (nowMs() - run.startedMs) / 1000);
    if (outcome === "failed") metrics.count("provider_failures_total", { provider: run.provider });
  }

  function heard({ event, payload }: RunNews): void {
    if (event !== "agent") return;
    const { runId } = payload;
    if (payload.stream === "started") began(runId, payload.data.model);
    else if (payload.stream === "failover")
      metrics.count("agent_failovers_total", { from: payload.data.from });
    else if (payload.stream === "text") wrote(runId);
    else if (payload.stream === "tool_result") {
      const { name: tool, isError } = payload.data;
      metrics.count("tool_calls_total", { tool, outcome: isError ? "error" : "ok" });
    } else if (payload.stream === "complete") {
      ended(runId, "completed");
    } else if (payload.stream === "error") ended(runId, "failed");
    else if (payload.stream === "cancelled") ended(runId, "cancelled");
  }

  return feed.followAll(heard);
}
