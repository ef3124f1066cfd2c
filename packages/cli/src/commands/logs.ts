import type { LogEntry } from "@carapace/protocol";
import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import { jsonOption, remoteOptions } from "../command/options.ts";
import { openConnection } from "../link/connection.ts";
import { resolveTarget } from "../link/resolve-target.ts";
import { follow } from "../logs/follow.ts";
import { jsonLine, logLine } from "../logs/line.ts";
import { printTail } from "../logs/tail.ts";

export const definition = {
  name: "logs",
  summary: "Show what the gateway logged",
  details: [
    "With --json each record is one line of JSON. With --follow a gateway that stops is waited for: what it logs after " +
      "its restart is shown from the first record on.",
  ],
  options: {
    lines: {
      kind: "whole",
      short: "n",
      value: "number",
      min: 1,
      max: 5000,
      help: "How many records (default: 50)",
    },
    follow: { kind: "flag", short: "f", help: "Go on with new records until Ctrl-C" },
    level: {
      kind: "choice",
      choices: ["trace", "debug", "info", "warn", "error"],
      help: "Only this level and above",
    },
    pattern: { kind: "text", value: "regex", help: "Only records whose target matches" },
    json: jsonOption,
    ...remoteOptions,
  },
  examples: [
    { command: "cara logs", says: "the last 50 records" },
    { command: "cara logs -f --level warn", says: "wait for trouble" },
    { command: "cara logs -n 500 --json", says: "for a script" },
  ],
} as const satisfies CommandDefinition;

const patternSay =
  "the gateway does not read this --pattern: it may have text, ., classes such as [a-z], groups, |, ^, $, *, + and ?, " +
  "and at most 256 characters";

/** cli.md §3.4. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { out } = world;
  const resolved = await resolveTarget(options, world);
  if (!resolved.ok) return out.fail(resolved.say);
  const connect = (note: (line: string) => void) =>
    openConnection({
      ...resolved.value,
      scopes: ["operator.read"],
      allowPlaintext: options.allowPlaintext,
      note,
    });
  const opened = await connect(out.note);
  if (!opened.ok) return out.fail(opened.say);
  await using connection = opened.value;
  const filter = { limit: options.lines ?? 50, level: options.level, pattern: options.pattern };
  const print = (entry: LogEntry): void => out.piece(`${options.json ? jsonLine(entry) : logLine(entry)}\n`);
  const seen = await printTail({ connection, print, out }, filter);
  if (!seen.ok) return out.fail(seen.say.includes("pattern") ? patternSay : seen.say);
  if (!options.follow) return 0;
  // What is to be said about a connection was said with the first.
  const again = () => connect(() => undefined);
  return await follow(connection, seen.value, {
    print,
    out,
    filter: { ...filter, limit: 5000 },
    connect: again,
  });
}
