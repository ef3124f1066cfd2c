import { setTimeout } from "node:timers/promises";
import type { Refusal } from "@carapace/protocol/failures";
import { type Control, openControl } from "../link/control.ts";
import { isRecord } from "../link/json.ts";
import { type Check, fail, pass, shownError } from "./check.ts";
import { reachable } from "./gateway.ts";
import { controlStep } from "./next-steps.ts";
import type { Checks, Subject } from "./types.ts";

const createName = "Task create";
const pollName = "Task polling";
const startName = "Task start proof";
const endName = "Task terminal proof";
const pollMs = 250;
const budgetMs = 70_000;

const body = {
  payload: {
    kind: "agentTurn",
    message: "This checks the task queue. Use no tool; reply with the single word: ready",
  },
  nextRunAtMs: null,
  policy: { maxAttempts: 1, maxTotalRuntimeMs: 60_000, maxTurns: 1, maxRunTimeoutSeconds: 30 },
};

/** A real task, followed to its end over the control API (cli.md §3.12). */
export async function* verifyAutonomy(subject: Subject): Checks {
  const { settings, allowPlaintext, signal } = subject;
  const reached = yield* reachable(subject);
  if (reached === undefined) return;
  await using gateway = reached;
  const control = await openControl(gateway.target, settings, { allowPlaintext });
  if (!control.ok) {
    yield notCreated(control, subject);
    return;
  }
  const headers = { "idempotency-key": subject.world.newId() };
  const ask = { method: "POST", path: "/control/tasks", json: body, headers, signal } as const;
  const made = await control.value.call(ask);
  signal.throwIfAborted();
  const task = made.ok ? readTask(made.value["task"]) : undefined;
  if (task === undefined) {
    yield notCreated(made.ok ? undefined : made, subject);
    return;
  }
  yield pass(createName, `task ${task.id} was accepted`);
  const watched = { task };
  await using _cleanUp = { [Symbol.asyncDispose]: () => cancelIfOpen(control.value, watched.task) };
  yield* proofs(await follow(control.value, watched, subject));
}

interface Task {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  /** How it stands, in a sentence; empty with gateways that do not tell. */
  readonly status: string;
  /** It waits for its owner because something is not set up: the assistant did nothing. */
  readonly lacksSetup: boolean;
}

function readTask(value: unknown): Task | undefined {
  if (!isRecord(value)) return undefined;
  const { id, state, attempts, status, lastError, blockedReason } = value;
  if (typeof id !== "string" || typeof state !== "string" || typeof attempts !== "number") return undefined;
  const said = typeof status === "string" ? status : typeof lastError === "string" ? lastError : "";
  return { id, state, attempts, status: said, lacksSetup: blockedReason === "config_missing" };
}

type Followed =
  | { readonly kind: "ended" | "late"; readonly task: Task }
  | { readonly kind: "lost"; readonly say: string };

const ended = new Set(["done", "blocked", "failed", "cancelled"]);

/** Looks every 250 ms until the task ends. @param watched how it stands is kept there @throws once the signal fires */
async function follow(
  control: Control,
  watched: { task: Task },
  { world, signal }: Subject,
): Promise<Followed> {
  const untilMs = world.nowMs() + budgetMs;
  const path = `/control/tasks/${encodeURIComponent(watched.task.id)}`;
  while (!ended.has(watched.task.state)) {
    if (world.nowMs() >= untilMs) return { kind: "late", task: watched.task };
    await setTimeout(pollMs, undefined, { signal });
    const answer = await control.call({ method: "GET", path, signal });
    signal.throwIfAborted();
    const next = answer.ok ? readTask(answer.value["task"]) : undefined;
    if (next === undefined)
      return { kind: "lost", say: answer.ok ? "the answer is no task" : shownError(answer.say) };
    watched.task = next;
  }
  return { kind: "ended", task: watched.task };
}

function* proofs(followed: Followed): Generator<Check> {
  if (followed.kind === "lost") {
    yield fail(pollName, followed.say, "look whether the gateway still runs: cara status, cara logs");
    return;
  }
  const { task } = followed;
  if (task.attempts === 0) {
    const say = `the task is still ${task.state} and was never begun`;
    yield fail(startName, say, "see why the worker does not take it: cara task list, cara logs");
    return;
  }
  yield pass(startName, `begun (${task.attempts === 1 ? "one attempt" : `${task.attempts} attempts`})`);
  const said = task.status === "" ? `the task is ${task.state}` : shownError(task.status);
  if (followed.kind === "late") {
    const say = `the task is still ${task.state} after ${budgetMs / 1000} s`;
    yield fail(endName, say, "check that the provider answers: cara verify --outcome local-chat");
  } else if (task.state === "done") yield pass(endName, said);
  else if (task.state === "blocked" && !task.lacksSetup) yield pass(endName, `ended as blocked: ${said}`);
  else
    yield fail(
      endName,
      said,
      "check provider and model with cara verify --outcome local-chat, and the task with cara task get",
    );
}

function notCreated(refusal: Refusal | undefined, subject: Subject): Check {
  if (refusal === undefined)
    return fail(createName, "the answer is no task", "check --host and --port: is it a Carapace gateway?");
  const isOff = refusal.code === "not_found";
  const say = isOff ? "the running gateway does not serve its control API" : shownError(refusal.say);
  const isFull = refusal.say.includes("(HTTP 503)");
  const makeRoom = "make room in the queue: cara task list, cara task cancel";
  return fail(createName, say, isFull ? makeRoom : controlStep(refusal, subject));
}

/** Nobody will look at it again: an unfinished task is not left to run. */
async function cancelIfOpen(control: Control, { id, state }: Task): Promise<void> {
  if (ended.has(state)) return;
  const path = `/control/tasks/${encodeURIComponent(id)}/cancel`;
  await control.call({ method: "POST", path, json: { reason: "cara verify ended" } });
}
