import type { GatewayConnection } from "@carapace/client";
import type { LogEntry, MethodInput } from "@carapace/protocol";
import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import { jsonOption, remoteOptions } from "../command/options.ts";
import { openConnection } from "../link/connection.ts";
import { readSettings } from "../link/settings.ts";
import { readTarget, targetWarnings } from "../link/target.ts";
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

type Given = Run<typeof definition>;
const pollMs = 500;
const requestTimeoutMs = 30_000;

/** cli.md §3.4. */
export async function run({ options, world }: Given): Promise<ExitCode> {
  const settings = await readSettings(world);
  const flags = { ...options, port: options.port ?? settings.port };
  const target = readTarget(flags);
  if (!target.ok) return world.out.fail(target.say);
  const note = world.out.note;
  for (const warning of targetWarnings(flags)) note(warning);
  const { allowPlaintext } = options;
  const opened = await openConnection({
    target: target.value,
    scopes: ["operator.read"],
    settings,
    allowPlaintext,
    note,
  });
  if (!opened.ok) return world.out.fail(opened.say);
  await using connection = opened.value;
  const filter = { limit: options.lines ?? 50, level: options.level, pattern: options.pattern };
  const seen = await tail(connection, filter, options, world.out);
  if (typeof seen === "string") return world.out.fail(seen);
  return options.follow
    ? await follow(connection, { given: { options, world, args: {} }, filter, cursor: seen })
    : 0;
}

type Filter = MethodInput<"logs.tail">;
type Shape = { readonly json: boolean };

/** Prints one answer. @returns the cursor for the next, or what was refused */
async function tail(
  connection: GatewayConnection,
  filter: Filter,
  shape: Shape,
  out: Output,
): Promise<number | string> {
  const answer = await connection.request("logs.tail", filter, { timeoutMs: requestTimeoutMs });
  if (!answer.ok) return answer.say;
  for (const entry of answer.value.entries) out.piece(`${shape.json ? jsonLine(entry) : logLine(entry)}\n`);
  // Older records than the asked number are no news; fewer than that means the answer hit its limit of bytes.
  if (answer.value.truncated && answer.value.entries.length < (filter.limit ?? 0))
    out.note("Older records were left out: the answer would have been too large.");
  if (answer.value.reset && filter.cursor !== undefined)
    out.note("The gateway's log began anew, or records were missed.");
  return answer.value.cursor;
}

/** Polls for new records until the reader, the gateway or the owner ends it. */
async function follow(
  connection: GatewayConnection,
  { given, filter, cursor }: { given: Given; filter: Filter; cursor: number },
): Promise<ExitCode> {
  const { options, world } = given;
  let isOver = false;
  let isLost = false;
  world.out.whenBroken(() => (isOver = true));
  void connection.closed.then(() => (isLost = true));
  for (let next = cursor; !isOver; ) {
    await Promise.race([Bun.sleep(pollMs), connection.closed]);
    if (isLost) return world.out.fail("the connection to the gateway was lost");
    const seen = await tail(connection, { ...filter, limit: 5000, cursor: next }, options, world.out);
    if (typeof seen === "string") return world.out.fail(seen);
    next = seen;
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
