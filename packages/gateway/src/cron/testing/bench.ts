import { ok, readParams, refuse } from "@carapace/protocol";
import type { CronJob, CronRun } from "@carapace/state";
import { type TemporaryState, temporaryState } from "@carapace/state/testing";
import type { NewSystemEvent } from "../../system-events/types.ts";
import { type Answer, type Door, openDoor } from "../../testing/door.ts";
import type { Uncounted } from "../../usage/tracking.ts";
import type { CronDesk } from "../cron.ts";
import type { CronDeps } from "../deps.ts";
import { openDesk } from "../desk.ts";
import { type FakeClock, fakeClock } from "./fake-clock.ts";

/** Sunday, 22 November 2026, noon in UTC. */
export const noonMs = Date.parse("2026-11-22T12:00:00Z");
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

export interface BenchOptions {
  readonly answer?: Answer;
  readonly isEnabled?: () => boolean;
  readonly maxConcurrent?: number;
  readonly entries?: () => readonly Readonly<Record<string, unknown>>[];
  readonly uncounted?: Uncounted;
  /** Writes into the state before the scheduler looks at it. */
  readonly before?: (temporary: TemporaryState) => Promise<void>;
}

/** A scheduler over a real journal, with a clock of the test and answers of the test. */
export interface Bench extends AsyncDisposable {
  readonly temporary: TemporaryState;
  readonly clock: FakeClock;
  readonly door: Door;
  readonly desk: CronDesk;
  readonly events: readonly Record<string, unknown>[];
  readonly told: readonly NewSystemEvent[];
  readonly sent: readonly { readonly channel: string; readonly to: string }[];
  add(params: Record<string, unknown>): Promise<CronJob>;
  job(id: string): Promise<CronJob | undefined>;
  /** Newest first. */
  history(id?: string): Promise<CronRun[]>;
  /** Until nothing runs. */
  settle(): Promise<void>;
  /** Lets time pass, everything that comes due running to its end on the way. */
  pass(ms: number): Promise<void>;
  /** Another process over the same state, as after a kill: what the old one has in its hands is lost. */
  restart(options?: BenchOptions): Promise<Bench>;
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export async function bench(options: BenchOptions = {}): Promise<Bench> {
  const temporary = await temporaryState();
  await options.before?.(temporary);
  const clock = fakeClock(noonMs);
  return await over(temporary, clock, options);
}

async function over(temporary: TemporaryState, clock: FakeClock, options: BenchOptions): Promise<Bench> {
  const { state } = temporary;
  const { answer, isEnabled = () => true, maxConcurrent = 2, entries = () => [] } = options;
  const door = openDoor({ state, nowMs: clock.nowMs, ...(answer && { answer }) });
  const events: Record<string, unknown>[] = [];
  const told: NewSystemEvent[] = [];
  const sent: { channel: string; to: string }[] = [];
  const outbox: ReturnType<CronDeps["outbox"]> = {
    async enqueue(message) {
      sent.push(message);
      const added = await state.outbox.add(message, { id: crypto.randomUUID(), nowMs: clock.nowMs() });
      return added.kind === "full" ? refuse("rate_limited", "full") : ok(added.message);
    },
    follow: () => ({ [Symbol.dispose]() {} }),
  };
  const desk = await openDesk(
    {
      ...{ state, clock, nowMs: clock.nowMs, ingress: door.ingress, runs: door.runs, log: quiet },
      newId: () => crypto.randomUUID(),
      hub: { publish: (name, payload) => void events.push({ name, ...payload }) },
      systemEvents: {
        async submit(event) {
          told.push(event);
          return ok({});
        },
      },
      outbox: () => outbox,
      counted: () => undefined,
      uncounted: options.uncounted ?? (() => undefined),
      maxConcurrent: () => maxConcurrent,
    },
    { isEnabled, entries },
  );
  const settle = async () => {
    // Everything but a turn that the test holds goes on by itself: wait until no more happens.
    for (let [rounds, seen] = [0, -1]; rounds < 8; rounds += 1) {
      await Bun.sleep(0);
      const now = events.length + door.turns.length + told.length + sent.length;
      if (now !== seen) [rounds, seen] = [0, now];
    }
  };
  return {
    ...{ temporary, clock, door, desk, events, told, sent, settle },
    async add(params) {
      const read = readParams("cron.add", { name: "job", ...params });
      const added = read.ok ? await desk.jobs.add(read.value, "test") : read;
      if (!added.ok) throw new Error(added.say);
      return added.value;
    },
    job: (id) => state.cron.find(id),
    history: (id) => state.cronRuns.list({ limit: 1000, ...(id !== undefined && { jobId: id }) }),
    pass: (ms) => clock.pass(ms, settle),
    async restart(next = options) {
      await desk[Symbol.asyncDispose]();
      return await over(temporary, clock, next);
    },
    async [Symbol.asyncDispose]() {
      await desk[Symbol.asyncDispose]();
      await door.runs.close(0);
      await temporary[Symbol.asyncDispose]();
    },
  };
}
