import type { Tool, ToolContext, TurnEvent } from "@carapace/agent";
import { runTurn } from "@carapace/agent/turn";
import type { RunOutcome, State, UsageEntry } from "@carapace/state";
import { recordTool } from "../audit/tools.ts";
import type { Log } from "../log/log.ts";
import type { ModelDesk } from "../models/desk.ts";
import type { Replies } from "../outbox/replies.ts";
import type { World } from "../types.ts";
import { gateJournal } from "./gated-journal.ts";
import { readRunOptions } from "./options.ts";
import { readMedia } from "./read-media.ts";
import type { ExecuteRun, RunJob, RunOptions } from "./types.ts";

type Switched = Extract<TurnEvent, { kind: "switched" }>;

interface Failure {
  readonly say: string;
  readonly detail?: string;
}

export interface ExecuteDeps {
  readonly state: State;
  readonly models: ModelDesk;
  readonly world: World;
  readonly toolContext: Pick<ToolContext, "config" | "status">;
  /** The tools that all turns have, as far as their agent may use them. */
  readonly tools: () => Promise<readonly Tool[]>;
  /** What this run may use beside the tools that all have. */
  readonly runTools: (run: RunJob["run"]) => Promise<readonly Tool[]>;
  readonly bill: (entry: UsageEntry) => UsageEntry | undefined;
  /** What no reply may hold. */
  readonly secrets: () => readonly string[];
  readonly replies: Replies;
  readonly log: Log;
}

/** Runs a job: a turn of the assistant, or only the message's way into the history. */
export function createExecutor(deps: ExecuteDeps): ExecuteRun {
  return async (job, release) => {
    const run = await deps.state.runs.find(job.run.id);
    if (run === undefined) throw new Error("the journal does not have this run any more");
    const options = readRunOptions(run.options);
    const outcome =
      options.purpose === "turn"
        ? await takeTurn({ job, options, release }, deps)
        : await keep(job, options, deps);
    return release.aborted ? undefined : outcome;
  };
}

interface Turn {
  readonly job: RunJob;
  readonly options: RunOptions;
  readonly release: AbortSignal;
}

async function takeTurn({ job, options, release }: Turn, deps: ExecuteDeps): Promise<RunOutcome> {
  const { run } = job;
  const session = await deps.state.sessions.findById(run.sessionId);
  const choice = await deps.models.choose(options, session);
  if (!choice.ok)
    return await conclude(job, { status: "failed", error: choice.say, cause: choice.code }, deps);
  const { world, state, bill, secrets } = deps;
  return await runTurn(
    { runId: run.id, sessionId: run.sessionId, sessionKey: run.sessionKey, agent: choice.value.agent },
    {
      sessions: state.sessions,
      memory: state.memory,
      journal: gateJournal(state.runs, release, deps.replies(run, options, session)),
      bill,
      recordUsage: (entry) => state.usage.record(entry),
      provider: choice.value.provider,
      tools: [...(await deps.tools()), ...(await deps.runTools(run))],
      toolContext: deps.toolContext,
      readMedia: (id) => readMedia(id, { media: state.media, nowMs: world.nowMs }),
      onToolDecided: (decided) => recordTool(state.audit, { decided, agent: choice.value.agent, run }),
      clock: world,
      newId: world.newId,
      secrets,
      takeIn: job.takeIn,
      // What a turn says about being cut off by a stop is not its end: the next process goes on with it.
      emit: (event) => {
        if (release.aborted) return;
        if (event.kind === "failed") logFailure(job, event, deps.log);
        if (event.kind === "switched") logSwitch(job, event, deps.log);
        job.events.turn(event);
      },
      signal: job.controller.signal,
    },
  );
}

/** What the owner was told, and what lies behind it: failures point here ("see: cara logs"). */
function logFailure({ run }: RunJob, { say, detail }: Failure, log: Log): void {
  log.warn("run failed", { runId: run.id, say, ...(detail !== undefined && { detail }) });
}

function logSwitch({ run }: RunJob, { kind: _, ...facts }: Switched, log: Log): void {
  log.warn("a model failed; its fallback answers", { runId: run.id, ...facts });
}

async function keep(job: RunJob, { purpose, say }: RunOptions, deps: ExecuteDeps): Promise<RunOutcome> {
  if (purpose === "note") return await conclude(job, { status: "completed", response: "" }, deps);
  return await conclude(job, { status: "failed", error: say ?? "No model could be chosen." }, deps);
}

/** The message joins the history, and the run ends. */
async function conclude(
  job: RunJob,
  outcome: RunOutcome,
  { state, world, log }: ExecuteDeps,
): Promise<RunOutcome> {
  await state.runs.begin(job.run.id, world.nowMs());
  await state.runs.finish(job.run.id, outcome, world.nowMs());
  if (outcome.error !== undefined) logFailure(job, { say: outcome.error }, log);
  return outcome;
}
