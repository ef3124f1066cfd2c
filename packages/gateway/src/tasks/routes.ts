import { createHash } from "node:crypto";
import { failures, once, type Refusal, type Result, refuse } from "@carapace/protocol";
import { type State, StateError, stateFailures, type TaskPlace, TaskState } from "@carapace/state";
import { z } from "zod";
import { refused } from "../control/answers.ts";
import { json } from "../http/json.ts";
import { readJsonAs } from "../http/read-json-as.ts";
import type { Route, RouteDoc, Visit } from "../http/route.ts";
import type { TaskDesk } from "./desk.ts";
import type { TaskRecord } from "./record.ts";
import { cancelTask, createTask, patchTask, readState, sendOnTask } from "./requests.ts";
import { docs } from "./route-docs.ts";
import { viewOf } from "./view.ts";

export interface TaskRouteDeps {
  /** Loaded when it is first needed. */
  readonly desk: () => Promise<TaskDesk>;
  readonly answers: State["answers"];
  readonly nowMs: () => number;
}

const path = "/control/tasks";
const maxPage = 10_000;
const keyTtlMs = 86_400_000;
const maxKey = 255;

/** The control API of tasks (http.md §12.5). */
export function taskRoutes(deps: TaskRouteDeps): readonly Route[] {
  const one = `${path}/:id`;
  const sendOn = (action: "retry" | "resume") => (visit: Visit) =>
    change(
      visit,
      sendOnTask,
      async ({ id, body, actor }) => await (await deps.desk())[action](id, body, actor),
    );
  return [
    route(
      { method: "POST", path, maxBodyBytes: 131_072, handle: (visit) => create(visit, deps) },
      docs.create,
    ),
    route({ method: "GET", path, handle: async (visit) => await list(visit, await deps.desk()) }, docs.list),
    route(
      { method: "GET", path: one, handle: async (visit) => await show(visit, await deps.desk()) },
      docs.show,
    ),
    route(
      { method: "PATCH", path: one, maxBodyBytes: 32_768, handle: (visit) => patch(visit, deps) },
      docs.patch,
    ),
    route(
      {
        ...{ method: "POST", path: `${one}/cancel`, maxBodyBytes: 8192 },
        handle: (visit) =>
          change(
            visit,
            cancelTask,
            async ({ id, body, actor }) => await (await deps.desk()).cancel(id, body, actor),
          ),
      },
      docs.cancel,
    ),
    route({ method: "POST", path: `${one}/retry`, maxBodyBytes: 8192, handle: sendOn("retry") }, docs.retry),
    route(
      { method: "POST", path: `${one}/resume`, maxBodyBytes: 8192, handle: sendOn("resume") },
      docs.resume,
    ),
  ];
}

/** Its description is made when somebody asks for it: a gateway that nobody asks need not keep it. */
function route(entry: Omit<Route, "family" | "doc">, doc: () => RouteDoc): Route {
  return {
    ...entry,
    handle: (visit) => inWords(async () => await entry.handle(visit)),
    family: "control",
    get doc() {
      return doc();
    },
  };
}

/** A state that takes nothing (a full disk, say) is told in words (http.md §12.5): a fault says nothing to anybody. */
async function inWords(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    const { failure: code } = stateFailures[error.code];
    return refusal({ ok: false, code, say: `Task queue unavailable: ${error.message}` });
  }
}

async function create(visit: Visit, deps: TaskRouteDeps): Promise<Response> {
  const desk = await deps.desk();
  // Before the body is looked at (http.md §12.5).
  if (await desk.isFull()) return refusal({ ok: false, code: "unavailable", say: "Task queue is full" });
  const body = await visit.body();
  if (!body.ok) return body.response;
  const read = readJsonAs(body.text(), createTask());
  if (!read.ok) return refusal(read);
  const key = visit.request.headers.get("idempotency-key")?.trim();
  if (key === undefined || key === "")
    return answer(await desk.create(read.value, { actor: actorOf(visit) }), 201);
  if (key.length > maxKey)
    return refusal({
      ok: false,
      code: "invalid_request",
      say: `Idempotency-Key is longer than ${maxKey} characters`,
    });
  const digest = createHash("sha256").update(body.bytes).digest("hex");
  const claim = await deps.answers.claim("tasks", key, { digest, nowMs: deps.nowMs(), ttlMs: keyTtlMs });
  if (claim.kind === "mismatch") {
    const say = "this Idempotency-Key came with another body before: use a new key for a new task";
    return json({ ok: false, error: say }, 422);
  }
  // The key makes the task's id: whether this is the first call, or one after a crash, there is one task.
  const made = await desk.create(read.value, { actor: actorOf(visit), key });
  if (!made.ok && claim.kind === "first") await deps.answers.release("tasks", key);
  return answer(made, 201);
}

function patch(visit: Visit, deps: TaskRouteDeps): Promise<Response> {
  return change(visit, patchTask, async ({ id, body, actor }) => {
    const isNothing = body.payload === undefined && body.policy === undefined && body.reason === undefined;
    if (isNothing) return refuse("invalid_request", "nothing to change: give payload, policy or reason");
    return await (await deps.desk()).patch(id, body, actor);
  });
}

async function list(visit: Visit, desk: TaskDesk): Promise<Response> {
  const query = visit.url.searchParams;
  const wanted = query.get("state")?.trim() ?? "";
  const state = wanted === "" ? undefined : readState(wanted);
  if (wanted !== "" && state === undefined)
    return refusal({
      ok: false,
      code: "invalid_request",
      say: `there is no state ${JSON.stringify(wanted.slice(0, 40))}; there are ${TaskState.options.join(", ")}`,
    });
  const limit = query.get("limit");
  if (limit !== null && !(/^\d{1,9}$/.test(limit) && Number(limit) <= maxPage))
    return refusal({
      ok: false,
      code: "invalid_request",
      say: `limit must be a whole number up to ${maxPage}`,
    });
  const place = query.get("cursor");
  const after = place === null ? undefined : readCursor(place);
  if (place !== null && after === undefined)
    return refusal({ ok: false, code: "invalid_request", say: "cursor is not one of ours" });
  const page = await desk.page({
    ...(state && { state }),
    ...(limit !== null && { limit: Number(limit) }),
    ...(after && { after }),
  });
  const last = page.tasks.at(-1);
  const next = page.hasMore && last !== undefined ? { nextCursor: cursorOf(last) } : {};
  return json({ ok: true, total: page.total, tasks: page.tasks.map(viewOf), ...next });
}

async function show(visit: Visit, desk: TaskDesk): Promise<Response> {
  const id = idOf(visit);
  const task = await desk.find(id);
  if (task === undefined) return refusal({ ok: false, code: "not_found", say: "Task not found" });
  return json({ ok: true, task: viewOf(task) });
}

interface Change<T> {
  readonly id: string;
  readonly body: T;
  readonly actor: string;
}

async function change<T extends z.ZodType>(
  visit: Visit,
  schema: () => T,
  act: (change: Change<z.infer<T>>) => Promise<Result<TaskRecord>>,
): Promise<Response> {
  const body = await visit.body();
  if (!body.ok) return body.response;
  const read = readJsonAs(body.text(), schema());
  if (!read.ok) return refusal(read);
  return answer(await act({ id: idOf(visit), body: read.value, actor: actorOf(visit) }), 200);
}

function answer(result: Result<TaskRecord>, status: 200 | 201): Response {
  return result.ok ? json({ ok: true, task: viewOf(result.value) }, status) : refusal(result);
}

function refusal({ code, say }: Refusal): Response {
  return refused(failures[code].http, say);
}

function idOf({ params }: Visit): string {
  return params["id"] ?? "";
}

/** As the reference has it (http.md §12): the direct peer's address. */
function actorOf({ peer }: Visit): string {
  return peer.ip;
}

/** Where the next page begins; its form is nobody else's business. */
function cursorOf({ updatedAtMs, id }: TaskPlace): string {
  return Buffer.from(JSON.stringify([updatedAtMs, id])).toString("base64url");
}

const cursor = once(() => z.tuple([z.number(), z.string()]));

function readCursor(text: string): TaskPlace | undefined {
  try {
    const [updatedAtMs, id] = cursor().parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
    return { updatedAtMs, id };
  } catch {
    return undefined;
  }
}
