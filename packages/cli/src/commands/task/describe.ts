import { isRecord } from "../../link/json.ts";
import { cleanLine } from "../../output/clean.ts";
import { tableLines } from "../../output/table.ts";
import { fromNow, utcTime } from "../../output/times.ts";

/** A task in lines, for a person; what is not known is left out. Pure. */
export function describeTask(task: unknown, nowMs: number): string {
  if (!isRecord(task)) return "The gateway's answer holds no task.";
  const { policy, usage, checkpoint } = task;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Task", text(task["id"])],
    ["State", [text(task["state"]), text(task["blockedReason"])].filter(Boolean).join(", ")],
    ["Status", text(task["status"]) ?? text(task["lastError"])],
    ["What", whatOf(task["payload"])],
    ["Attempts", attemptsOf(task["attempts"], policy)],
    ["Next", whenOf(task["nextRunAtMs"], nowMs)],
    ["Created", whenOf(task["createdAtMs"], nowMs)],
    ["Changed", whenOf(task["updatedAtMs"], nowMs)],
    ["Waits for", listOf(task["waitingFor"])],
    ["Used", usageOf(usage)],
    ["Note", isRecord(checkpoint) ? text(checkpoint["text"]) : undefined],
    ["Runs", listOf(task["runIds"])],
  ];
  const shown = rows.flatMap(([name, value]) =>
    value ? [`${`${name}:`.padEnd(11)}${cleanLine(value)}`] : [],
  );
  return shown.join("\n");
}

/** Tasks as rows under headings, cut at the width of the terminal. Pure. */
export function taskTable(tasks: readonly unknown[], facts: { nowMs: number; width: number }): string {
  const rows = tasks
    .filter(isRecord)
    .map((task) => [
      text(task["id"]) ?? "?",
      text(task["state"]) ?? "?",
      String(task["attempts"] ?? ""),
      whenOf(task["nextRunAtMs"], facts.nowMs) ?? "-",
      whatOf(task["payload"]) ?? "",
    ]);
  const lines = tableLines(["ID", "STATE", "TRIES", "NEXT", "WHAT"], rows);
  return lines.map((line) => [...line].slice(0, facts.width).join("")).join("\n");
}

/** What a task does: its text, or its event's. */
function whatOf(payload: unknown): string | undefined {
  if (!isRecord(payload)) return undefined;
  return text(payload["message"]) ?? text(payload["text"]) ?? text(payload["kind"]);
}

function attemptsOf(attempts: unknown, policy: unknown): string | undefined {
  if (typeof attempts !== "number") return undefined;
  const most = isRecord(policy) ? policy["maxAttempts"] : undefined;
  return typeof most === "number" ? `${attempts} of ${most}` : String(attempts);
}

function usageOf(usage: unknown): string | undefined {
  if (!isRecord(usage)) return undefined;
  const { tokens, costUsd } = usage;
  return typeof tokens === "number" && typeof costUsd === "number"
    ? `${tokens} tokens, ${costUsd.toFixed(4)} USD`
    : undefined;
}

function listOf(value: unknown): string | undefined {
  return Array.isArray(value) && value.length > 0 ? value.slice(-5).map(String).join(", ") : undefined;
}

function whenOf(ms: unknown, nowMs: number): string | undefined {
  const at = typeof ms === "number" ? utcTime(ms) : undefined;
  if (typeof ms !== "number" || at === undefined) return undefined;
  return Math.abs(ms - nowMs) >= 86_400_000 ? `${at} UTC` : fromNow(ms, nowMs);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
