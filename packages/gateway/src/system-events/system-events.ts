import { ok, type Result, refuse } from "@carapace/protocol";
import type { State } from "@carapace/state";
import type { Heartbeat } from "../heartbeat.ts";
import type { Ingress } from "../ingress/types.ts";
import { canAnswer, createWaker, mainSession, type Waker } from "../ingress/wake.ts";
import type { GatewayLog } from "../log/log.ts";
import type { ModelDesk } from "../models/desk.ts";
import type { World } from "../types.ts";
import { cutText } from "./cut-text.ts";
import { createPendingEvents } from "./pending.ts";
import { eventRunId } from "./run-id.ts";
import type { NewSystemEvent, SystemEvents } from "./types.ts";

/** A heartbeat turn is due so long after the first event that waits for one, unless heartbeats are on and quicker. */
const usualIntervalMs = 30 * 60_000;
const maxTextBytes = 8192;
/** As many as the reference keeps (agent.md §13); a further one is refused, so that its sender hears of it. */
const maxWaiting = 1000;

export interface SystemEventsDeps {
  readonly state: Pick<State, "sessions" | "runs" | "settings" | "systemEvents">;
  readonly models: Pick<ModelDesk, "choose">;
  readonly ingress: Ingress;
  readonly world: Pick<World, "newId" | "nowMs">;
  readonly heartbeat: Pick<Heartbeat, "onBeat">;
  readonly log: GatewayLog;
  /** Instead of 30 minutes. */
  readonly intervalMs?: number;
}

/** What waits to be told, and why it still does if its time had come. */
interface SystemEventsStatus {
  readonly pending: number;
  readonly why?: string;
}

/** System events with the heartbeat turns that tell them. */
export interface SystemEventDesk extends SystemEvents, Waker, AsyncDisposable {
  status(): Promise<SystemEventsStatus>;
  /** Tells what waits now; makes no turn where nothing does. */
  beat(): Promise<void>;
}

/**
 * Opens it, with the events that an earlier process left waiting. Nothing ticks while none waits, and a heartbeat
 * without one makes no model call.
 */
export async function openSystemEvents(deps: SystemEventsDeps): Promise<SystemEventDesk> {
  const { events, log } = { events: deps.state.systemEvents, log: deps.log.target("system") };
  const pending = createPendingEvents({ events, settings: deps.state.settings, runs: deps.state.runs });
  const waker = createWaker({ ...deps, pending });
  const intervalMs = deps.intervalMs ?? usualIntervalMs;
  let timer: NodeJS.Timeout | undefined;
  let why: string | undefined;
  let beating: Promise<void> = Promise.resolve();
  let isClosed = false;

  function arm(): void {
    if (isClosed) return;
    timer ??= setTimeout(beat, intervalMs).unref();
  }

  function beat(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    beating = beating.then(tell).catch((error: unknown) => {
      log.error("waiting system events could not be told", { error });
      arm();
    });
    return beating;
  }

  async function tell(): Promise<void> {
    if (isClosed || (await events.count()) === 0) return;
    const woken = await waker.wake(undefined);
    why = woken.kind === "none" ? woken.why : undefined;
    if (why !== undefined) log.warn("system events wait: no turn could tell them", { why });
    if ((await events.count()) > 0) arm();
  }

  async function keep(event: NewSystemEvent): Promise<Result<{ runId?: string }>> {
    const { id, text, reason, origin } = event;
    if ((await events.count()) >= maxWaiting && !(await events.list(maxWaiting)).some((one) => one.id === id))
      return refuse(
        "unavailable",
        `${maxWaiting} system events wait already: set up a model that can tell them`,
      );
    const createdAtMs = deps.world.nowMs();
    const isNew = await events.add({ id, text: cutText(text, maxTextBytes), reason, origin, createdAtMs });
    if (isNew) log.info("system event", { reason, text: cutText(text, maxTextBytes) });
    arm();
    return ok({});
  }

  async function tellNow(event: NewSystemEvent): Promise<Result<{ runId?: string }>> {
    const answerable = await canAnswer(mainSession, deps);
    if (!answerable.ok) {
      why = answerable.say;
      return await keep(event);
    }
    const text = cutText(event.text, maxTextBytes);
    const accepted = await deps.ingress.submit(turnOf({ ...event, text }), "turn");
    if (!accepted.ok) return accepted;
    const { kind, run } = accepted.value;
    if (kind === "accepted") log.info("system event", { reason: event.reason, text });
    // It may have waited since a time when no model could answer.
    await events.remove([event.id]);
    return ok({ runId: run.id });
  }

  if ((await events.count()) > 0) arm();
  const beats = deps.heartbeat.onBeat(() => void (timer !== undefined && beat()));
  return {
    async submit(event) {
      return event.mode === "now" ? await tellNow(event) : await keep(event);
    },
    wake: (target) => waker.wake(target),
    beat,
    async status() {
      const count = await events.count();
      return { pending: count, ...(count > 0 && why !== undefined && { why }) };
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      beats[Symbol.dispose]();
      clearTimeout(timer);
      await beating;
    },
  };
}

/** One event, one run. */
function turnOf({ id, text, origin }: NewSystemEvent) {
  return {
    ...{ runId: eventRunId(id), origin, message: text },
    session: { name: mainSession },
    speaker: {},
    metadata: {},
    wishes: { stream: true, alone: true },
  };
}
