import type { GatewayConnection } from "@carapace/client";
import type { LogEntry, MethodInput } from "@carapace/protocol";
import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import { jsonOption, remoteOptions } from "../command/options.ts";
import { openConnection } from "../link/connection.ts";
import { resolveTarget } from "../link/resolve-target.ts";
import { cleanJson, cleanLine } from "../output/clean.ts";
import { compactJson } from "../output/json.ts";
import type { Output } from "../output/output.ts";

export const definition = {
  name: "logs",
  summary: "Show what the gateway logged",
  details: ["With --json each record is one line of JSON."],
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

const pollMs = 500;
const requestTimeoutMs = 30_000;

/** cli.md §3.4. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const resolved = await resolveTarget(options, world);
  if (!resolved.ok) return world.out.fail(resolved.say);
  const opened = await openConnection({
    ...resolved.value,
    scopes: ["operator.read"],
    allowPlaintext: options.allowPlaintext,
    note: world.out.note,
  });
  if (!opened.ok) return world.out.fail(opened.say);
  await using connection = opened.value;
  const filter = { limit: options.lines ?? 50, level: options.level, pattern: options.pattern };
  const print = (entry: LogEntry): void =>
    world.out.piece(`${options.json ? jsonLine(entry) : logLine(entry)}\n`);
  const tailing = { connection, print, out: world.out };
  const seen = await tail(tailing, filter);
  if (typeof seen === "string") return world.out.fail(seen);
  return options.follow ? await follow(tailing, { ...filter, limit: 5000, cursor: seen }) : 0;
}

type Filter = MethodInput<"logs.tail">;

/** Where records come from, and where they go. */
interface Tailing {
  readonly connection: GatewayConnection;
  readonly print: (entry: LogEntry) => void;
  readonly out: Output;
}

/** Prints one answer. @returns the cursor for the next, or what was refused */
async function tail({ connection, print, out }: Tailing, filter: Filter): Promise<number | string> {
  const answer = await connection.request("logs.tail", filter, { timeoutMs: requestTimeoutMs });
  if (!answer.ok) return answer.say;
  for (const entry of answer.value.entries) print(entry);
  // Older records than the asked number are no news; fewer than that means the answer hit its limit of bytes.
  if (answer.value.truncated && answer.value.entries.length < (filter.limit ?? 0))
    out.note("Older records were left out: the answer would have been too large.");
  if (answer.value.reset && filter.cursor !== undefined)
    out.note("The gateway's log began anew, or records were missed.");
  return answer.value.cursor;
}

/** Polls for new records until the reader, the gateway or the owner ends it. */
async function follow(tailing: Tailing, filter: Filter & { readonly cursor: number }): Promise<ExitCode> {
  const { connection, out } = tailing;
  let isOver = false;
  let isLost = false;
  out.whenBroken(() => (isOver = true));
  void connection.closed.then(() => (isLost = true));
  for (let cursor = filter.cursor; !isOver; ) {
    await Promise.race([Bun.sleep(pollMs), connection.closed]);
    if (isLost) return out.fail("the connection to the gateway was lost");
    const seen = await tail(tailing, { ...filter, cursor });
    if (typeof seen === "string") return out.fail(seen);
    cursor = seen;
  }
  return 0;
}

function jsonLine(entry: LogEntry): string {
  return compactJson(cleanJson(entry));
}

/** `<RFC 3339>Z [level] target: message name=value …`, on one line whatever the record holds. */
export function logLine(entry: LogEntry): string {
  const given = typeof entry.fields === "object" ? (entry.fields ?? {}) : {};
  const fields = Object.entries(given).map(([name, value]) => ` ${name}=${fieldText(value)}`);
  return cleanLine(`${entry.timestamp} [${entry.level}] ${entry.target}: ${entry.message}${fields.join("")}`);
}

/** As it is if it is one word, else as JSON: where a value ends must be plain to see. */
function fieldText(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : compactJson(value);
}
