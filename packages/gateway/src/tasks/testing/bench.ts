import { ok, type Result } from "@carapace/protocol";
import type { State } from "@carapace/state";
import { temporaryState } from "@carapace/state/testing";
import type { Ingress } from "../../ingress/types.ts";
import type { NewSystemEvent } from "../../system-events/types.ts";
import { type Answer, type Door, openDoor } from "../../testing/door.ts";
import type { Uncounted } from "../../usage/tracking.ts";
import { createDependents } from "../dependents.ts";
import { createTaskDesk, type TaskDesk } from "../desk.ts";
import type { TaskRecord } from "../record.ts";
import type { CreateTask } from "../requests.ts";
import { createTaskStore, type TaskStore } from "../store.ts";
import { createTaskWorker, type TaskWorker } from "../worker.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export interface BenchOptions {
  readonly answer?: Answer;
  readonly maxParallel?: number;
  readonly isAlone?: boolean;
  readonly leaseMs?: number;
  readonly startAtMs?: number;
  /** Of another bench: two workers on one state, through one door. */
  readonly beside?: Bench;
  readonly owner?: string;
  readonly capacity?: number;
  readonly uncounted?: Uncounted;
  /** Awaited whenever a turn is asked for, before it is. */
  readonly beforeSubmit?: () => Promise<void>;
}

/** A worker with its desk over a state of its own, whose clock stands still unless it is set. */
export interface Bench extends AsyncDisposable {
  readonly state: State;
  readonly door: Door;
  readonly store: TaskStore;
  readonly desk: TaskDesk;
  readonly worker: TaskWorker;
  readonly events: NewSystemEvent[];
  readonly clock: { nowMs: number };
  create(wish?: Partial<CreateTask>): Promise<string>;
  task(id: string): Promise<TaskRecord | undefined>;
  /** Until so many turns have begun. */
  begun(turns: number): Promise<void>;
  idle(): Promise<void>;
  /** Sets the clock, and lets the worker look. */
  at(nowMs: number): Promise<void>;
}

export const actor = "127.0.0.1";

export async function startTestBench(options: BenchOptions = {}): Promise<Bench> {
  await using opened = new AsyncDisposableStack();
  const { beside } = options;
  const state = beside?.state ?? opened.use(await temporaryState()).state;
  const clock = beside?.clock ?? { nowMs: options.startAtMs ?? 1_700_000_000_000 };
  const nowMs = () => clock.nowMs;
  const begun = { count: 0, waiting: new Map<number, () => void>() };
  const answer: Answer = async (run) => {
    begun.count += 1;
    begun.waiting.get(begun.count)?.();
    return (await options.answer?.(run)) ?? { status: "completed", response: "done" };
  };
  const door = beside?.door ?? openDoor({ state, nowMs, answer });
  if (beside === undefined) opened.defer(() => door.runs.close(0));
  const store = createTaskStore(state.tasks);
  const dependents = createDependents({ store, nowMs });
  const events: NewSystemEvent[] = [];
  const submit = async (event: NewSystemEvent): Promise<Result<{ runId?: string }>> => {
    if (!events.some(({ id }) => id === event.id)) events.push(event);
    return ok({});
  };
  const ingress: Ingress = {
    async submit(inbound, handling) {
      await options.beforeSubmit?.();
      return await door.ingress.submit(inbound, handling);
    },
  };
  const follow = () => ({ [Symbol.dispose]() {} });
  const outbox = { findByKey: state.outbox.findByKey, follow };
  const worker = opened.use(
    createTaskWorker({
      ...{ store, dependents, nowMs, tasks: state.tasks, journal: state.runs, outbox },
      ...{ runs: door.runs, ingress, sessions: state.sessions, usage: state.usage },
      systemEvents: { submit },
      uncounted: options.uncounted ?? (() => undefined),
      owner: options.owner ?? "this",
      isAlone: options.isAlone ?? true,
      random: () => 0.5,
      maxParallel: () => options.maxParallel ?? 4,
      leaseMs: options.leaseMs ?? 60_000,
      log: quiet,
    }),
  );
  const newId = () => crypto.randomUUID();
  const desk = createTaskDesk({
    tasks: state.tasks,
    store,
    audit: state.audit,
    dependents,
    worker,
    nowMs,
    newId,
    ...(options.capacity !== undefined && { capacity: options.capacity }),
  });
  const closing = opened.move();
  return {
    ...{ state, door, store, desk, worker, events, clock },
    async create(wish = {}) {
      const payload = { kind: "agentTurn", message: "do it" };
      const made = await desk.create({ ...noWish, payload, ...wish }, { actor });
      if (!made.ok) throw new Error(made.say);
      return made.value.id;
    },
    task: (id) => store.find(id),
    async begun(turns) {
      if (begun.count >= turns) return;
      await new Promise<void>((resolve) => begun.waiting.set(turns, resolve));
    },
    idle: () => worker.idle(),
    async at(ms) {
      clock.nowMs = ms;
      worker.wake();
      await worker.idle();
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

const noWish = { nextRunAtMs: undefined, policy: undefined, dependsOn: undefined } as const;
