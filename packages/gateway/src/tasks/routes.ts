import { createHash } from "node:crypto";
import { failures, type Refusal, type Result } from "@carapace/protocol";
import type { State, TaskPlace } from "@carapace/state";
import { z } from "zod";
import { refused } from "../control/answers.ts";
import { json } from "../http/json.ts";
import type { Route, Visit } from "../http/route.ts";
import type { TaskDesk } from "./desk.ts";
import type { TaskRecord } from "./record.ts";
import { CancelTask, CreateTask, ListTasks, PatchTask, readBody, readState, SendOnTask } from "./requests.ts";
import { TaskView, viewOf } from "./view.ts";

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

const Task = z.object({ ok: z.literal(true), task: TaskView });
const Page = z.object({
  ok: z.literal(true),
  total: z.int(),
  tasks: z.array(TaskView),
  nextCursor: z.string().optional(),
});
const failed = (say: string) => ({ say, schema: z.object({ ok: z.literal(false), error: z.string() }) });
const invalid = { 400: failed("It is not valid") };
const unknown = { 404: failed("There is no such task") };
const wrongState = { 409: failed("Its state does not allow it") };

/** The control API of tasks (http.md §12.5). */
export function taskRoutes(deps: TaskRouteDeps): readonly Route[] {
  const route = (entry: Omit<Route, "family" | "doc"> & { doc: Omit<Route["doc"], "tag"> }): Route => ({
    ...entry,
    family: "control",
    doc: { tag: "tasks", ...entry.doc },
  });
  const one = { say: "The task", schema: Task };
  return [
    route({
      method: "POST",
      path,
      maxBodyBytes: 131_072,
      doc: {
        summary: "Make a task",
        body: CreateTask,
        answers: {
          201: one,
          ...invalid,
          409: failed("The Idempotency-Key came with another body"),
          503: failed("No room"),
        },
      },
      handle: (visit) => create(visit, deps),
    }),
    route({
      method: "GET",
      path,
      doc: {
        summary: "List tasks, the newest change first",
        query: ListTasks,
        answers: { 200: { say: "A page of them", schema: Page }, ...invalid },
      },
      handle: async (visit) => await list(visit, await deps.desk()),
    }),
    route({
      method: "GET",
      path: `${path}/:id`,
      doc: { summary: "Show a task", answers: { 200: one, ...unknown } },
      handle: async (visit) => await show(visit, await deps.desk()),
    }),
    route({
      method: "PATCH",
      path: `${path}/:id`,
      maxBodyBytes: 32_768,
      doc: {
        summary: "Change what a task does or may use",
        body: PatchTask,
        answers: { 200: one, ...invalid, ...unknown, ...wrongState },
      },
      handle: (visit) =>
        change(visit, PatchTask, async ({ id, body, actor }) => {
          const isNothing =
            body.payload === undefined && body.policy === undefined && body.reason === undefined;
          if (isNothing)
            return {
              ok: false,
              code: "invalid_request",
              say: "nothing to change: give payload, policy or reason",
            };
          return await (await deps.desk()).patch(id, body, actor);
        }),
    }),
    route({
      method: "POST",
      path: `${path}/:id/cancel`,
      maxBodyBytes: 8192,
      doc: {
        summary: "Cancel a task, and stop its run",
        body: CancelTask,
        answers: { 200: one, ...invalid, ...unknown, ...wrongState },
      },
      handle: (visit) =>
        change(
          visit,
          CancelTask,
          async ({ id, body, actor }) => await (await deps.desk()).cancel(id, body, actor),
        ),
    }),
    ...(["retry", "resume"] as const).map((action) =>
      route({
        method: "POST",
        path: `${path}/:id/${action}`,
        maxBodyBytes: 8192,
        doc: {
          summary: action === "retry" ? "Try a task again" : "Go on with a blocked task",
          body: SendOnTask,
          answers: { 200: one, ...invalid, ...unknown, ...wrongState },
        },
        handle: (visit) =>
          change(
            visit,
            SendOnTask,
            async ({ id, body, actor }) => await (await deps.desk())[action](id, body, actor),
          ),
      }),
    ),
  ];
}

async function create(visit: Visit, deps: TaskRouteDeps): Promise<Response> {
  const desk = await deps.desk();
  // Before the body is looked at (http.md §12.5).
  if (await desk.isFull()) return refusal({ ok: false, code: "unavailable", say: "Task queue is full" });
  const body = await visit.body();
  if (!body.ok) return body.response;
  const read = readBody(body.text(), CreateTask);
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
    return refusal({ ok: false, code: "conflict", say });
  }
  // The key makes the task's id: whether this is the first call, or one after a crash, there is one task.
  const made = await desk.create(read.value, { actor: actorOf(visit), key });
  if (!made.ok && claim.kind === "first") await deps.answers.release("tasks", key);
  return answer(made, 201);
}

async function list(visit: Visit, desk: TaskDesk): Promise<Response> {
  const query = visit.url.searchParams;
  const wanted = query.get("state")?.trim() ?? "";
  const state = wanted === "" ? undefined : readState(wanted);
  if (wanted !== "" && state === undefined)
    return refusal({
      ok: false,
      code: "invalid_request",
      say: `there is no state ${JSON.stringify(wanted.slice(0, 40))}`,
    });
  const limit = query.get("limit");
  if (limit !== null && !(/^\d{1,9}$/.test(limit) && Number(limit) <= maxPage))
    return refusal({
      ok: false,
      code: "invalid_request",
      say: `limit must be a whole number up to ${maxPage}`,
    });
  const cursor = query.get("cursor");
  const after = cursor === null ? undefined : readCursor(cursor);
  if (cursor !== null && after === undefined)
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
  schema: T,
  act: (change: Change<z.infer<T>>) => Promise<Result<TaskRecord>>,
): Promise<Response> {
  const body = await visit.body();
  if (!body.ok) return body.response;
  const read = readBody(body.text(), schema);
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

const Cursor = z.tuple([z.number(), z.string()]);

function readCursor(text: string): TaskPlace | undefined {
  try {
    const [updatedAtMs, id] = Cursor.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
    return { updatedAtMs, id };
  } catch {
    return undefined;
  }
}
