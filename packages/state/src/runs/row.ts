import { isRecord, RunId, SessionKey, StopReason, TokenUsage } from "@carapace/protocol";
import { z } from "zod";
import { bytes, integer, optionalInteger, optionalText, type Row, text } from "../database/row.ts";
import { parseJson } from "../database/stored.ts";
import { StateError } from "../errors.ts";
import { type Macs, sameMac } from "../integrity/macs.ts";
import { StoredMessage } from "../messages/stored-message.ts";
import type { Run, RunOutcome, RunStatus } from "../types.ts";

/** A run and the tool calls it has started. */
export interface RunRow {
  readonly run: Run;
  readonly startedTools: readonly string[];
}

const Outcome = z.object({
  status: z.enum(["completed", "failed", "cancelled"]),
  stopReason: StopReason.optional(),
  response: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
  usage: TokenUsage.optional(),
});

const statuses: readonly RunStatus[] = ["queued", "running", "completed", "failed", "cancelled"];

/** What is stored of a run, in the order of its MAC; the number of the row is not part of it. */
export function runColumns({ run, startedTools }: RunRow) {
  return [
    run.id,
    run.sessionId,
    run.sessionKey,
    run.status,
    JSON.stringify(run.input),
    JSON.stringify(run.options),
    run.attempts,
    JSON.stringify(startedTools),
    run.createdAtMs,
    run.startedAtMs ?? null,
    run.endedAtMs ?? null,
    run.outcome === undefined ? null : JSON.stringify(run.outcome),
  ];
}

/** @returns the run, or undefined if its row does not match its MAC. */
export function verifyRunRow(macs: Macs, raw: Row): RunRow | undefined {
  try {
    const mac = macs.record("run", [
      text(raw, "id"),
      text(raw, "session_id"),
      text(raw, "session_key"),
      text(raw, "status"),
      text(raw, "input"),
      text(raw, "options"),
      integer(raw, "attempts"),
      text(raw, "tools"),
      integer(raw, "created_at"),
      optionalInteger(raw, "started_at"),
      optionalInteger(raw, "ended_at"),
      optionalText(raw, "outcome"),
    ]);
    return sameMac(mac, bytes(raw, "mac")) ? parseRunRow(raw) : undefined;
  } catch (error) {
    if (error instanceof StateError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

function parseRunRow(raw: Row): RunRow {
  const startedAtMs = optionalInteger(raw, "started_at");
  const endedAtMs = optionalInteger(raw, "ended_at");
  const outcome = optionalText(raw, "outcome");
  const options = parseJson(text(raw, "options"));
  const status = text(raw, "status");
  const run: Run = {
    id: RunId.parse(text(raw, "id")),
    sessionId: text(raw, "session_id"),
    sessionKey: SessionKey.parse(text(raw, "session_key")),
    status: statuses.find((known) => known === status) ?? "failed",
    input: StoredMessage.parse(parseJson(text(raw, "input"))),
    options: isRecord(options) ? options : {},
    attempts: integer(raw, "attempts"),
    createdAtMs: integer(raw, "created_at"),
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(endedAtMs === undefined ? {} : { endedAtMs }),
    ...(outcome === undefined ? {} : { outcome: parseOutcome(outcome) }),
  };
  return { run, startedTools: z.array(z.string()).parse(parseJson(text(raw, "tools"))) };
}

function parseOutcome(json: string): RunOutcome {
  const { stopReason, response, error, cause, usage, status } = Outcome.parse(parseJson(json));
  return {
    status,
    ...(stopReason === undefined ? {} : { stopReason }),
    ...(response === undefined ? {} : { response }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...(usage === undefined ? {} : { usage }),
  };
}
