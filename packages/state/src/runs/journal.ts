import type { Connection } from "../database/connection.ts";
import { assertStorable } from "../database/stored.ts";
import { StateError } from "../errors.ts";
import type { MessageTable } from "../messages/table.ts";
import type { OutboxTable } from "../outbox/table.ts";
import { nextUpdate, type SessionRow, toSession } from "../sessions/row.ts";
import type { SessionTable } from "../sessions/table.ts";
import type { SessionWriter } from "../sessions/writer.ts";
import type { AcceptRun, Message, NewMessage, Run, RunJournal, RunOutcome } from "../types.ts";
import type { UsageTable } from "../usage/table.ts";
import type { UsageEntry } from "../usage/types.ts";
import type { RunRow } from "./row.ts";
import type { RunTable } from "./table.ts";
import { unfinished, unfinishedOf } from "./unfinished.ts";

export interface JournalDeps {
  readonly connection: Connection;
  readonly sessions: SessionTable;
  readonly writer: SessionWriter;
  readonly messages: MessageTable;
  readonly runs: RunTable;
  readonly usage: UsageTable;
  readonly outbox: OutboxTable;
}

/** The journal of turns (docs/decisions/0001-turn-journal.md): every method is one durable transaction. */
export function createRunJournal(deps: JournalDeps): RunJournal {
  const { connection } = deps;
  return {
    accept: async (run) => connection.write(() => accept(deps, run)),
    begin: async (runId, nowMs) => connection.write(() => begin(deps, runId, nowMs)),
    step: async (runId, { message, usage }) =>
      connection.write(() => only(join(deps, runId, { messages: [message], usage }))),
    results: async (runId, messages) => connection.write(() => join(deps, runId, { messages })),
    toolStarted: async (runId, callId) => connection.write(() => toolStarted(deps, runId, callId)),
    startedTools: async (runId) => connection.read(() => new Set(find(deps, runId)?.startedTools ?? [])),
    finish: async (runId, { last, outgoing, ...outcome }, nowMs) =>
      connection.write(() => {
        const found = find(deps, runId);
        if (found === undefined || found.run.endedAtMs !== undefined) return false;
        const session = writableSession(deps, found.run.sessionId);
        const ended: Run = { ...found.run, status: outcome.status, outcome, endedAtMs: nowMs };
        const messages = last === undefined ? [] : [withRun(last.message, ended)];
        const { session: next } = deps.messages.append(session, messages);
        if (last?.usage !== undefined) deps.usage.append(last.usage);
        if (outgoing !== undefined) deps.outbox.add(outgoing.message, { id: outgoing.id, nowMs });
        store(deps, { row: { ...found, run: ended }, session: next, nowMs });
        return true;
      }),
    absorb: async (runId, waiting) => connection.write(() => absorb(deps, runId, waiting)),
    find: async (runId) => connection.read(() => find(deps, runId, "quiet")?.run),
    unfinished: async (sessionId) => connection.read(() => unfinished(deps, sessionId)),
    unfinishedOf: (status) => unfinishedOf(deps, status),
    prune: async (endedBeforeMs) => connection.write(() => deps.runs.prune(endedBeforeMs)),
  };
}

function accept(deps: JournalDeps, given: AcceptRun) {
  const known = find(deps, given.runId);
  if (known !== undefined) {
    const loaded = deps.sessions.byId(known.run.sessionId);
    const session = loaded ?? deps.sessions.byKey(known.run.sessionKey);
    if (session === undefined) throw new StateError("not_found", "The session of this run is gone.");
    return { kind: "duplicate" as const, run: known.run, session: toSession(session.row, session.damage) };
  }
  assertStorable("The id of a run", given.runId);
  const session = deps.writer.upsert(given.sessionKey, given.metadata, given.nowMs);
  checkedOpen(deps, session);
  const run: Run = {
    id: given.runId,
    sessionId: session.id,
    sessionKey: given.sessionKey,
    status: "queued",
    input: { ...given.input, runId: given.runId },
    options: given.options,
    attempts: 0,
    createdAtMs: given.nowMs,
  };
  deps.runs.insert({ run, startedTools: [] });
  const next = { ...session, openRuns: deps.runs.openMac(session.id) };
  deps.sessions.update(next);
  return { kind: "accepted" as const, run, session: toSession(next) };
}

function begin(deps: JournalDeps, runId: string, nowMs: number): Run | undefined {
  const found = find(deps, runId);
  if (found === undefined || found.run.endedAtMs !== undefined) return undefined;
  const session = checkedOpen(deps, writableSession(deps, found.run.sessionId));
  deps.writer.verifyContext(session);
  const isFirst = found.run.status === "queued";
  const { session: next } = deps.messages.append(
    session,
    isFirst ? [withRun(found.run.input, found.run)] : [],
  );
  const run: Run = {
    ...found.run,
    status: "running",
    attempts: found.run.attempts + 1,
    startedAtMs: found.run.startedAtMs ?? nowMs,
  };
  store(deps, { row: { ...found, run }, session: next, nowMs });
  return run;
}

function join(
  deps: JournalDeps,
  runId: string,
  { messages, usage }: { readonly messages: readonly NewMessage[]; readonly usage?: UsageEntry | undefined },
): Message[] {
  const found = running(deps, runId);
  const session = writableSession(deps, found.run.sessionId);
  const { session: next, appended } = deps.messages.append(
    session,
    messages.map((message) => withRun(message, found.run)),
  );
  if (usage !== undefined) deps.usage.append(usage);
  const newest = messages.at(-1)?.createdAtMs ?? session.updatedAtMs;
  deps.sessions.update({ ...next, updatedAtMs: nextUpdate(next, newest) });
  return appended;
}

function toolStarted(deps: JournalDeps, runId: string, callId: string): void {
  const found = running(deps, runId);
  if (found.startedTools.includes(callId)) return;
  const session = writableSession(deps, found.run.sessionId);
  deps.runs.update({ ...found, startedTools: [...found.startedTools, callId] });
  deps.sessions.update({ ...session, openRuns: deps.runs.openMac(session.id) });
}

interface Waiting {
  readonly runId: string;
  readonly outcome: RunOutcome;
  readonly nowMs: number;
}

function absorb(
  deps: JournalDeps,
  runId: string,
  { runId: id, outcome, nowMs }: Waiting,
): Message | undefined {
  const { run } = running(deps, runId);
  const waiting = find(deps, id);
  if (waiting?.run.status !== "queued" || waiting.run.sessionId !== run.sessionId) return undefined;
  const session = checkedOpen(deps, writableSession(deps, run.sessionId));
  const { session: next, appended } = deps.messages.append(session, [withRun(waiting.run.input, run)]);
  const ended: Run = {
    ...waiting.run,
    status: outcome.status,
    outcome,
    startedAtMs: nowMs,
    endedAtMs: nowMs,
  };
  store(deps, { row: { ...waiting, run: ended }, session: next, nowMs });
  return only(appended);
}

/** @throws StateError `session_damaged` if the run's record does not verify; with "quiet" it counts as absent. */
function find(deps: JournalDeps, runId: string, mode?: "quiet"): RunRow | undefined {
  const found = deps.runs.find(runId);
  if (found !== "damaged") return found;
  if (mode === "quiet") return undefined;
  throw new StateError(
    "session_damaged",
    "The record of this run was changed outside of this program: it is not carried out.",
  );
}

function running(deps: JournalDeps, runId: string): RunRow {
  const found = find(deps, runId);
  if (found?.run.status === "running") return found;
  throw new StateError("not_running", "This run is not running: it was not begun, or it has ended.");
}

function writableSession(deps: JournalDeps, sessionId: string): SessionRow {
  return deps.sessions.writable(deps.sessions.byId(sessionId));
}

function checkedOpen(deps: JournalDeps, row: SessionRow): SessionRow {
  return deps.sessions.writable(deps.runs.checkOpen({ row, damage: undefined, isRowIntact: true }));
}

function store(deps: JournalDeps, { row, session, nowMs }: Stored): void {
  deps.runs.update(row);
  const openRuns = deps.runs.openMac(session.id);
  deps.sessions.update({ ...session, openRuns, updatedAtMs: nextUpdate(session, nowMs) });
}

interface Stored {
  readonly row: RunRow;
  readonly session: SessionRow;
  readonly nowMs: number;
}

function withRun(message: NewMessage, run: Run): NewMessage {
  return { ...message, runId: run.id };
}

function only(messages: readonly Message[]): Message {
  const [message] = messages;
  if (message === undefined) throw new StateError("invalid", "A step needs a message.");
  return message;
}
