import type { MethodResult } from "@carapace/protocol";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions } from "../../command/options.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { tableLines } from "../../output/table.ts";
import { utcTime } from "../../output/times.ts";

export const definition = {
  name: "hooks log",
  summary: "Show the newest calls of webhooks, and what became of each",
  details: ["What was in a call is not kept. The newest 1000 calls are."],
  options: {
    lines: { kind: "whole", short: "n", value: "number", min: 1, max: 1000, help: "How many (default: 20)" },
    json: jsonOption,
    ...remoteOptions,
  },
  examples: [
    { command: "cara hooks log", says: "the newest calls" },
    { command: "cara hooks log -n 1000 --json", says: "for a script" },
  ],
} as const satisfies CommandDefinition;

type Call = MethodResult<"hooks.log">["calls"][number];

/** docs/hooks.md. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const opened = await openGateway(options, "operator.read", world);
  if (!opened.ok) return world.out.fail(opened.say);
  await using connection = opened.value;
  const answer = await connection.request("hooks.log", { limit: options.lines ?? 20 }, { timeoutMs });
  if (!answer.ok) return world.out.fail(answer.say);
  const { calls } = answer.value;
  if (options.json) world.out.json(answer.value);
  else if (calls.length === 0) world.out.result("No webhook was called yet.");
  else world.out.result(callTable(calls));
  return 0;
}

/** A table of calls, and below a call why it went so. Pure. */
function callTable(calls: readonly Call[]): string {
  const headings = ["TIME (UTC)", "PATH", "MAPPING", "STATUS", "OUTCOME", "RUN"];
  const below = calls.map(({ reason }) => (reason === undefined ? [] : [reason]));
  return tableLines(headings, calls.map(rowOf), below).join("\n");
}

function rowOf({ receivedAtMs, path, mapping = "-", status, outcome, runId = "" }: Call): string[] {
  return [utcTime(receivedAtMs) ?? "-", path, mapping, String(status), outcome, runId];
}
