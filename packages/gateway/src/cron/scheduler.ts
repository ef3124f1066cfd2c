import { ok, type Result, refuse } from "@carapace/protocol";
import type { CronJob, CronRun } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";
import { createKeyedMutex } from "../runs/keyed-mutex.ts";
import { wait } from "../wait.ts";
import { createAgenda } from "./agenda.ts";
import { type ClockJump, createAlarm } from "./alarm.ts";
import { carry, type Ending, isKnown } from "./carry.ts";
import { closeRun } from "./close-run.ts";
import type { CronDeps } from "./deps.ts";
import { begun, decideFiring } from "./fire.ts";
import { readJob } from "./job.ts";
import { loadJobs, replanned } from "./load.ts";
import { isHandedOver, proveDelivery } from "./proof.ts";

/** What came of asking for a run. */
export interface ManualRun {
  readonly ran: boolean;
  readonly reason: "not-due" | "already-running" | null;
  readonly runId?: string;
}

/** What a change of a job leaves. */
interface Changed<T> {
  readonly value: T;
  /** As it is stored now; absent: as it was. */
  readonly job?: CronJob;
  readonly isGone?: boolean;
}

const keptRuns = 5000;
const pruneEvery = 100;
const faultPauseMs = 30_000;
/** For so long the journal knows an ended turn: after it, nobody can say whether it began. */
const forgottenAfterMs = 24 * 3_600_000;

/**
 * Runs the jobs at their times (agent.md §13). A job's next time and the run that begins are written together before
 * anything is started, and the run's id is made of the job and the planned time: however often the process dies, each
 * time runs once.
 */
export class Scheduler implements AsyncDisposable {
  readonly #deps: CronDeps;
  readonly #isEnabled: () => boolean;
  readonly #agenda = createAgenda();
  readonly #inTurn = createKeyedMutex();
  readonly #stopping = new AbortController();
  readonly #open = new Set<Promise<void>>();
  readonly #alarm;
  #waking: Promise<void> = Promise.resolve();
  #ended = 0;

  /** @param isEnabled `cron.enabled`: without it nothing begins by itself. */
  constructor(deps: CronDeps, isEnabled: () => boolean) {
    this.#deps = deps;
    this.#isEnabled = isEnabled;
    this.#alarm = createAlarm(deps.clock, {
      ring: () => void this.wake(),
      onJump: (jump) => void this.#keep(this.#jumped(jump)),
    });
  }

  /** Once: takes up the runs of an earlier process, and plans every job. */
  async start(): Promise<void> {
    await this.#takeUp();
    const jobs = await loadJobs(this.#deps, (id) => this.isRunning(id));
    for (const job of jobs) this.#agenda.see(job.id, job);
    await this.wake();
  }

  /** Whether a turn of the job runs. */
  isRunning(id: string): boolean {
    return this.#agenda.active.has(id);
  }

  /** Changes a stored job, one change of it after the other, and plans it anew. */
  change<T>(id: string, work: () => Promise<Changed<T>>): Promise<T> {
    return this.#inTurn(id, async () => {
      const { value, job, isGone } = await work();
      if (isGone || job !== undefined) this.#agenda.see(id, job);
      this.#arm();
      return value;
    });
  }

  /** Begins what is due, and sets the timer for what is not. */
  wake(): Promise<void> {
    this.#waking = this.#keep(this.#waking.then(() => this.#fireDue())).then(() => this.#arm());
    return this.#waking;
  }

  /** Begins a run by hand; its end is told as an event. `due`: only if its time has come. */
  runNow(id: string, mode: "due" | "force"): Promise<Result<ManualRun>> {
    return this.#inTurn(id, async () => {
      const stored = await this.#deps.state.cron.find(id);
      if (stored === undefined) return refuse("not_found", "job not found", { jobId: id });
      const job = readJob(stored);
      if (job === undefined)
        return refuse("invalid_request", "this job is of a kind that this version does not know");
      const busy = this.#agenda.active.get(id);
      if (busy !== undefined) return ok({ ran: false, reason: "already-running", runId: toldId(busy.run) });
      const nowMs = this.#deps.clock.nowMs();
      if (mode === "due") {
        if (this.#agenda.isDue(id, nowMs)) await this.#fire(id, false);
        const running = this.#agenda.active.get(id)?.run;
        return running === undefined
          ? ok({ ran: false, reason: "not-due" })
          : ok({ ran: true, reason: null, runId: toldId(running) });
      }
      const { run, job: next } = begun(job, { plannedAtMs: nowMs, nowMs, trigger: "manual" }, stored);
      const isNew = await this.#deps.state.cronRuns.begin(run, next);
      if (!isNew) return ok({ ran: false, reason: "already-running", runId: toldId(run) });
      this.#launch(run);
      return ok({ ran: true, reason: null, runId: toldId(run) });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#alarm[Symbol.dispose]();
    await Promise.all(this.#open);
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #arm(): void {
    this.#alarm.set(this.#isStopped || !this.#isEnabled() ? undefined : this.#agenda.first());
  }

  /** Keeps what goes on in the background, so that a stop can wait for it; a fault is logged. */
  #keep(work: Promise<unknown>): Promise<void> {
    const kept: Promise<void> = work
      .then(() => undefined)
      .catch((error: unknown) => this.#deps.log.error("scheduled jobs met a fault", { error }))
      .finally(() => this.#open.delete(kept));
    this.#open.add(kept);
    return kept;
  }

  async #fireDue(): Promise<void> {
    const { active, waiting, waitingSince } = this.#agenda;
    if (!this.#isEnabled()) return;
    const nowMs = this.#deps.clock.nowMs();
    for (const id of this.#agenda.dueAt(nowMs)) {
      if (this.#isStopped) return;
      if (active.has(id)) await this.#overlap(id);
      else if (active.size < this.#deps.maxConcurrent()) await this.#tryFire(id, false);
      else {
        waiting.add(id);
        if (!waitingSince.has(id)) waitingSince.set(id, nowMs);
      }
    }
  }

  /** A fault (a full disk, say) is logged, and the job tried again: it does not hold up the others. */
  async #tryFire(id: string, isOverlapping: boolean): Promise<void> {
    try {
      await this.#inTurn(id, () => this.#fire(id, isOverlapping));
    } catch (error) {
      const nowMs = this.#deps.clock.nowMs();
      this.#deps.log.error("a scheduled job could not be begun", { jobId: id, error });
      const { waitingSince } = this.#agenda;
      if (!waitingSince.has(id)) waitingSince.set(id, nowMs);
      this.#agenda.postpone(id, nowMs + faultPauseMs);
    }
  }

  async #overlap(id: string): Promise<void> {
    const running = this.#agenda.active.get(id);
    if (running === undefined || running.isOverlapped) return;
    running.isOverlapped = true;
    const stored = await this.#deps.state.cron.find(id);
    const job = stored === undefined ? undefined : readJob(stored);
    if (job?.overlap === "replace") await this.#deps.runs.abort(running.run.runId ?? running.run.id);
  }

  /** @param isOverlapping The time came while the run before it had not ended. */
  async #fire(id: string, isOverlapping: boolean): Promise<void> {
    const { state, clock } = this.#deps;
    const stored = await state.cron.find(id);
    const job = stored === undefined ? undefined : readJob(stored);
    this.#agenda.see(id, stored);
    if (job === undefined || this.isRunning(id) || !this.#agenda.isDue(id, clock.nowMs())) return;
    const waitedSinceMs = this.#agenda.waitingSince.get(id);
    this.#agenda.waiting.delete(id);
    const firing = await decideFiring(job, definedOnly({ waitedSinceMs, isOverlapping }), this.#deps);
    const isNew = await state.cronRuns.begin(firing.run, firing.job);
    this.#agenda.waitingSince.delete(id);
    if (isNew) {
      this.#agenda.see(id, firing.job);
      if (firing.run.status === "running") this.#launch(firing.run);
      else this.#leftOut(firing.run, job.name);
      return;
    }
    // It ran before the clock was set back: only the time goes on.
    const next = await replanned(job, this.#deps);
    await state.cron.save(next);
    this.#agenda.see(id, next);
  }

  #leftOut(run: CronRun, name: string): void {
    const { log, hub, clock, counted } = this.#deps;
    log.info("a scheduled run was left out", { jobId: run.jobId, name, why: run.error });
    counted("skipped");
    const result = { status: "skipped", reason: run.error };
    hub.publish("cron", { jobId: run.jobId, status: "scheduled", ts: clock.nowMs(), result });
  }

  #launch(run: CronRun): void {
    const { hub, clock } = this.#deps;
    this.#agenda.active.set(run.jobId, { run, isOverlapped: false });
    hub.publish("cron", { jobId: run.jobId, status: "started", ts: clock.nowMs(), runId: toldId(run) });
    void this.#keep(this.#follow(run));
  }

  async #follow(run: CronRun): Promise<void> {
    const ending = await this.#endingOf(run);
    if (ending === undefined) return;
    if (!(await this.#close(run, ending))) return;
    this.#ended += 1;
    if (this.#ended % pruneEvery === 0) await this.#deps.state.cronRuns.prune(keptRuns);
    this.#arm();
  }

  /** A fault is logged, and the end written again later. @returns false if the gateway stops first. */
  async #close(run: CronRun, ending: Ending): Promise<boolean> {
    for (;;) {
      try {
        await this.#inTurn(run.jobId, async () => {
          this.#agenda.see(run.jobId, await closeRun(run, ending, this.#deps));
        });
        return true;
      } catch (error) {
        this.#deps.log.error("the end of a scheduled run could not be stored", { jobId: run.jobId, error });
        await wait(faultPauseMs, this.#stopping.signal);
        if (this.#isStopped) return false;
      }
    }
  }

  /** @returns undefined if the gateway stops first: the next process takes the run up. */
  async #endingOf(run: CronRun): Promise<Ending | undefined> {
    const within = { deps: this.#deps, signal: this.#stopping.signal };
    try {
      const stored = await this.#deps.state.cron.find(run.jobId);
      const job = stored === undefined ? undefined : readJob(stored);
      if (job === undefined) return { status: "error", error: "The job was removed before it had begun." };
      const turn = await carry(job, run, within);
      this.#turnOver(run);
      return turn === undefined ? undefined : await proveDelivery(turn, within);
    } catch (error) {
      if (this.#isStopped) return undefined;
      this.#deps.log.error("a scheduled run could not be carried out", { jobId: run.jobId, error });
      return { status: "error", error: "It could not be carried out; the gateway's log says why." };
    } finally {
      this.#turnOver(run);
    }
  }

  /** The turn has ended: what waited for its place, or came due meanwhile, may begin. */
  #turnOver({ id, jobId }: CronRun): void {
    const { active } = this.#agenda;
    if (active.get(jobId)?.run.id !== id) return;
    active.delete(jobId);
    if (this.#isStopped) return;
    const cameDue = this.#agenda.isDue(jobId, this.#deps.clock.nowMs()) && this.#isEnabled();
    if (cameDue) void this.#keep(this.#tryFire(jobId, true));
    void this.wake();
  }

  async #jumped({ previousMs, currentMs, jumpMs }: ClockJump): Promise<void> {
    this.#deps.state.audit.record({
      actor: "gateway",
      event: "cron_clock_jump_detected",
      data: { prev_now_ms: previousMs, current_now_ms: currentMs, jump_ms: jumpMs },
    });
    this.#deps.log.warn("the clock was set, or the machine slept: jobs are planned anew", { jumpMs });
    // Set back: what was planned by the other clock would come too late. Set forward: it is late, and judged so.
    if (jumpMs < 0) for (const id of this.#agenda.planned()) await this.#inTurn(id, () => this.#replan(id));
    await this.wake();
  }

  async #replan(id: string): Promise<void> {
    const stored = await this.#deps.state.cron.find(id);
    const job = stored === undefined ? undefined : readJob(stored);
    if (job === undefined) return;
    const next = await replanned(job, this.#deps);
    await this.#deps.state.cron.save(next);
    this.#agenda.see(id, next);
  }

  /** What an earlier process began is carried on; a turn's id says whether it began, so none begins twice. */
  async #takeUp(): Promise<void> {
    const { state, clock } = this.#deps;
    for (const run of await state.cronRuns.running()) {
      const isYoung = clock.nowMs() - run.startedAtMs <= forgottenAfterMs;
      if (isYoung || (await isKnown(run, this.#deps)) || (await isHandedOver(run, state))) this.#launch(run);
      else await closeRun(run, { status: "error", error: tooLate }, this.#deps);
    }
  }
}

const tooLate = "The gateway stopped before it had begun, and was away for more than a day.";

/** What clients know it by: its turn's run, which they can wait for; without a turn its own id. */
function toldId(run: CronRun): string {
  return run.runId ?? run.id;
}
