import { createHash } from "node:crypto";
import type { CronOptions, MethodParams, Result, Schedule } from "@carapace/protocol";
import { ok, refuse } from "@carapace/protocol";
import type { CronJob } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";
import { idOfKey } from "../jobs/id-of-key.ts";
import { createKeyedMutex } from "../runs/keyed-mutex.ts";
import type { CronDeps } from "./deps.ts";
import { declaredPrefix, readJob, withState } from "./job.ts";
import { replanned } from "./load.ts";
import type { ManualRun, Scheduler } from "./scheduler.ts";

/** As many as a gateway keeps (agent.md §13). */
export const maxJobs = 500;

/** Who asks for a change, as the audit log names them. */
type Actor = string;

/** The scheduled jobs as methods and the configuration change them. */
export interface Jobs {
  /**
   * Beyond the cap the least recently used job that is idle goes; refused if none is. The same `idempotencyKey` again is
   * the same job.
   */
  add(job: MethodParams<"cron.add">, actor: Actor): Promise<Result<CronJob>>;
  /** Makes a job of the configuration file what the file says; its history and its failures stay. */
  declare(id: string, job: MethodParams<"cron.add">, digest: string): Promise<Result<CronJob>>;
  update(id: string, changes: CronOptions, actor: Actor): Promise<Result<CronJob>>;
  /** @returns whether it was there; a declared one is refused. */
  remove(id: string, actor: Actor): Promise<Result<boolean>>;
  /** Begins a run by hand. */
  run(id: string, mode: "due" | "force", actor: Actor): Promise<Result<ManualRun>>;
  /** The next times of a job, the waiting one first. */
  upcoming(job: CronJob, count: number): Promise<number[]>;
}

export interface JobsDeps extends Pick<CronDeps, "state" | "clock" | "calendar" | "newId" | "hub"> {
  readonly scheduler: Pick<Scheduler, "change" | "isRunning" | "runNow">;
}

/** Who changes the jobs of the configuration file, in the audit log. */
export const configActor = "config";

const notHere = "is declared in the configuration file: change it there, under cron.entries";

export function createJobs(deps: JobsDeps): Jobs {
  const { state, clock, calendar, scheduler } = deps;
  const inTurn = createKeyedMutex();

  async function store(added: CronJob, actor: Actor): Promise<Result<CronJob>> {
    const room = await makeRoom(deps, actor);
    if (!room.ok) return room;
    await scheduler.change(added.id, async () => {
      await state.audit.together(changed(added, "added", actor), () => state.cron.save(added));
      return { value: undefined, job: added };
    });
    scheduled(added, "added", deps);
    return ok(added);
  }

  return {
    async add(job, actor) {
      // One after the other: two must not take the last place, or the same key.
      return await inTurn("add", async () => {
        const known = await keyed(job, deps);
        if (known !== undefined) return known;
        const made = await newJob(addedId(job, deps), job, deps);
        return made.ok ? await store(made.value, actor) : made;
      });
    },
    async declare(id, job, digest) {
      const made = await newJob(id, job, deps);
      if (!made.ok) return made;
      const known = await state.cron.find(id);
      const room = known === undefined ? await makeRoom(deps, configActor) : ok(undefined);
      if (!room.ok) return room;
      const declared = await scheduler.change(id, async () => {
        const { createdAtMs, state: was } = (await state.cron.find(id)) ?? made.value;
        const next = { ...made.value, createdAtMs, digest, state: { ...was, ...made.value.state } };
        const action = known === undefined ? "added" : "updated";
        await state.audit.together(changed(next, action, configActor), () => state.cron.save(next));
        return { value: next, job: next };
      });
      scheduled(declared, known === undefined ? "added" : "updated", deps);
      return ok(declared);
    },
    async update(id, changes, actor) {
      if (id.startsWith(declaredPrefix)) return refuse("invalid_request", `the job ${id} ${notHere}`);
      const updated = await scheduler.change(id, async () => {
        const stored = await state.cron.find(id);
        if (stored === undefined)
          return { value: refuse("not_found", "job not found", { jobId: id }) as Result<CronJob> };
        const next = await changedJob(stored, changes, deps);
        if (!next.ok) return { value: next };
        await state.audit.together(changed(next.value, "updated", actor), () => state.cron.save(next.value));
        return { value: next, job: next.value };
      });
      if (updated.ok) scheduled(updated.value, "updated", deps);
      return updated;
    },
    async remove(id, actor) {
      if (id.startsWith(declaredPrefix)) return refuse("invalid_request", `the job ${id} ${notHere}`);
      return ok(await removeJob(id, { action: "removed", actor }, deps));
    },
    async run(id, mode, actor) {
      const asked = await scheduler.runNow(id, mode);
      const stored = asked.ok && asked.value.ran ? await state.cron.find(id) : undefined;
      if (stored !== undefined) state.audit.record(changed(stored, "run", actor));
      return asked;
    },
    async upcoming(job, count) {
      const read = readJob(job);
      const times: number[] = [];
      let at = job.enabled ? read?.plannedAtMs : undefined;
      while (read !== undefined && at !== undefined && times.length < count) {
        times.push(at);
        at = await calendar.next(read.schedule, Math.max(at, clock.nowMs()));
      }
      return times;
    },
  };
}

type NewJob = MethodParams<"cron.add">;

function addedId({ idempotencyKey }: NewJob, { newId }: Pick<JobsDeps, "newId">): string {
  return idempotencyKey === undefined ? newId() : idOfKey("cron", idempotencyKey);
}

/**
 * The job that the same key made before; undefined if there is none. Its schedule may differ: who asks again for
 * "in 20 minutes" means another time by then.
 */
async function keyed(job: NewJob, { state, newId }: JobsDeps): Promise<Result<CronJob> | undefined> {
  if (job.idempotencyKey === undefined) return undefined;
  const id = addedId(job, { newId });
  const known = await state.cron.find(id);
  if (known === undefined && job.deleteAfterRun === true && (await hasRun(id, state)))
    return refuse("conflict", "the job of this idempotencyKey ran, and is gone as it wanted to", {
      jobId: id,
    });
  if (known === undefined || known["digest"] === digestOf(job)) return known && ok(known);
  const say = "this idempotencyKey came with another name or payload before: use a new key for a new job";
  return refuse("conflict", say, { jobId: known.id });
}

async function hasRun(jobId: string, { cronRuns }: JobsDeps["state"]): Promise<boolean> {
  return (await cronRuns.list({ jobId, limit: 1 })).length > 0;
}

function digestOf({ name, payload }: NewJob): string {
  const text = JSON.stringify([name, Object.entries(definedOnly(payload)).sort()]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function changed(
  { id, name }: CronJob,
  action: "added" | "updated" | "removed" | "evicted" | "run",
  actor: Actor,
) {
  return { actor, event: "cron_job_changed", data: { job_id: id, name, action } } as const;
}

function scheduled({ id, state }: CronJob, action: string, { hub, clock }: JobsDeps): void {
  const result = definedOnly({ action, nextRunAtMs: state.nextRunAtMs });
  hub.publish("cron", { jobId: id, status: "scheduled", ts: clock.nowMs(), result });
}

/** Takes a job away for good. @returns whether it was there. */
export async function removeJob(
  id: string,
  { action, actor }: { readonly action: "removed" | "evicted"; readonly actor: Actor },
  { state, scheduler }: JobsDeps,
): Promise<boolean> {
  return await scheduler.change(id, async () => {
    const stored = await state.cron.find(id);
    if (stored === undefined) return { value: false, isGone: true };
    await state.audit.together(changed(stored, action, actor), () => state.cron.remove(id));
    return { value: true, isGone: true };
  });
}

/** When somebody last had to do with it: the longest ago goes first. */
function lastUse({ state, updatedAtMs }: CronJob): number {
  const lastRunAtMs = state["lastRunAtMs"];
  return Math.max(updatedAtMs, typeof lastRunAtMs === "number" ? lastRunAtMs : 0);
}

async function makeRoom(deps: JobsDeps, actor: Actor): Promise<Result<undefined>> {
  const jobs = await deps.state.cron.list();
  if (jobs.length < maxJobs) return ok(undefined);
  const idle = jobs
    .filter(({ id }) => !deps.scheduler.isRunning(id) && !id.startsWith(declaredPrefix))
    // One that is switched off, a reminder that was given, say, is missed least.
    .sort((a, b) => Number(a.enabled) - Number(b.enabled) || lastUse(a) - lastUse(b));
  const [oldest] = idle;
  if (oldest === undefined) return refuse("invalid_request", `cron job limit exceeded (max ${maxJobs})`);
  await removeJob(oldest.id, { action: "evicted", actor }, deps);
  return ok(undefined);
}

async function newJob(
  id: string,
  { name, schedule, payload, enabled = true, idempotencyKey, ...rest }: NewJob,
  deps: JobsDeps,
): Promise<Result<CronJob>> {
  const nowMs = deps.clock.nowMs();
  const checked = await checkSchedule(schedule, deps);
  if (!checked.ok) return checked;
  const job: CronJob = {
    ...definedOnly(rest),
    ...{ id, name, enabled, createdAtMs: nowMs, updatedAtMs: nowMs },
    sessionTarget: rest.sessionTarget ?? "main",
    wakeMode: rest.wakeMode ?? "now",
    missed: rest.missed ?? (schedule.kind === "at" ? "once" : "skip"),
    schedule: checked.value,
    payload: definedOnly(payload),
    ...(idempotencyKey !== undefined && { digest: digestOf({ name, schedule, payload }) }),
    // An administrator's connection or the owner's file: nobody else adds jobs here.
    origin: { kind: "owner", ref: "cron" },
    state: {},
  };
  return await plannedJob(job, deps);
}

async function plannedJob(job: CronJob, deps: JobsDeps): Promise<Result<CronJob>> {
  const read = readJob(job);
  if (read === undefined)
    return refuse("invalid_request", "this job is of a kind that this version does not know");
  const { budget, sessionTarget } = read;
  const isCosted = budget?.maxTokensPerDay !== undefined || budget?.maxCostUsdPerDay !== undefined;
  if (isCosted && sessionTarget === "main")
    return refuse(
      "invalid_request",
      "a budget of tokens or cost needs sessionTarget isolated: the main session's usage is not the job's alone",
    );
  if (job.enabled) {
    const planned = await replanned(read, deps);
    if (planned.state.nextRunAtMs !== undefined) return ok(planned);
    return refuse("invalid_request", "the job's time has passed: give it another one");
  }
  return ok(withState(job, { nextRunAtMs: undefined, plannedAtMs: undefined }));
}

async function checkSchedule(schedule: Schedule, { calendar, clock }: JobsDeps): Promise<Result<Schedule>> {
  const nowMs = clock.nowMs();
  if (schedule.kind === "at" && schedule.atMs <= nowMs)
    return refuse("invalid_request", "schedule.atMs has passed: choose a time in the future");
  return await calendar.check(schedule, nowMs);
}

async function changedJob(
  stored: CronJob,
  { schedule, payload, isolation, budget, alert, ...rest }: CronOptions,
  deps: JobsDeps,
): Promise<Result<CronJob>> {
  const checked = schedule === undefined ? undefined : await checkSchedule(schedule, deps);
  if (checked !== undefined && !checked.ok) return checked;
  const isRewritten = payload !== undefined;
  const isFresh = rest.enabled === true && !stored.enabled;
  const job: CronJob = {
    ...stored,
    ...definedOnly({ ...rest, isolation, budget, alert }),
    ...(checked !== undefined && { schedule: checked.value }),
    // Who writes its text anew answers for it.
    ...(isRewritten && { payload: definedOnly(payload), origin: { kind: "owner", ref: "cron" } }),
    updatedAtMs: deps.clock.nowMs(),
  };
  const next = isFresh ? withState(job, { failures: undefined, lastError: undefined }) : job;
  const isReplanned = checked !== undefined || rest.enabled !== undefined;
  return isReplanned ? await plannedJob(next, deps) : await checkedBudget(next, deps);
}

/** As {@link plannedJob}, but its planned time stays. */
async function checkedBudget(job: CronJob, deps: JobsDeps): Promise<Result<CronJob>> {
  const planned = await plannedJob(job, deps);
  return planned.ok ? ok(job) : planned;
}
