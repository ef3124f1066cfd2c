import type { RunJob } from "./types.ts";

export interface LanesOptions {
  /** Asked before each start; the configuration may change. */
  readonly maxConcurrent: () => number;
  /** Starts a job; its promise settles when the job ended. Contract: never rejects. */
  readonly start: (job: RunJob) => Promise<void>;
}

/** The jobs in memory: one lane a session, one job at a time in each, several lanes side by side. */
export interface Lanes {
  add(job: RunJob): void;
  find(runId: string): RunJob | undefined;
  /** Takes a waiting job out. @returns false if it runs already, or is not here. */
  withdraw(job: RunJob): boolean;
  /** Running first, then in the order they will start. */
  of(sessionKey: string): readonly RunJob[];
  running(): readonly RunJob[];
  size(): number;
  /** No job is started any more. */
  stop(): void;
}

interface Lane {
  running?: RunJob;
  readonly waiting: RunJob[];
}

export function createLanes(options: LanesOptions): Lanes {
  const lanes = new Map<string, Lane>();
  const jobs = new Map<string, RunJob>();
  let runningCount = 0;
  let stopped = false;

  function startNext(): void {
    for (const [key, lane] of lanes) {
      if (stopped || runningCount >= options.maxConcurrent()) return;
      if (lane.running === undefined && lane.waiting.length > 0) begin(key, lane);
    }
  }

  function begin(key: string, lane: Lane): void {
    const job = lane.waiting.shift();
    if (job === undefined) return;
    lane.running = job;
    job.place.free();
    runningCount += 1;
    void options.start(job).finally(() => {
      runningCount -= 1;
      delete lane.running;
      forget(job, key, lane);
      startNext();
    });
  }

  function forget(job: RunJob, key: string, lane: Lane): void {
    jobs.delete(job.run.id);
    lanes.delete(key);
    // Back at the end of the row, so that a busy session does not starve the others.
    if (lane.waiting.length > 0 || lane.running !== undefined) lanes.set(key, lane);
    job.leave();
  }

  return {
    add(job) {
      const key = job.run.sessionKey;
      const lane = lanes.get(key) ?? { waiting: [] };
      lanes.set(key, lane);
      lane.waiting.push(job);
      jobs.set(job.run.id, job);
      startNext();
    },
    find: (runId) => jobs.get(runId),
    withdraw(job) {
      const key = job.run.sessionKey;
      const lane = lanes.get(key);
      const place = lane?.waiting.indexOf(job) ?? -1;
      if (lane === undefined || place < 0) return false;
      lane.waiting.splice(place, 1);
      job.place.free();
      forget(job, key, lane);
      return true;
    },
    of(sessionKey) {
      const lane = lanes.get(sessionKey);
      if (lane === undefined) return [];
      return lane.running === undefined ? [...lane.waiting] : [lane.running, ...lane.waiting];
    },
    running: () => [...lanes.values()].flatMap((lane) => lane.running ?? []),
    size: () => jobs.size,
    stop() {
      stopped = true;
    },
  };
}
