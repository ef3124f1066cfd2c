import { once } from "@carapace/protocol";
import { z } from "zod";
import type { RouteDoc } from "../http/route.ts";
import { cancelTask, createTask, listTasks, patchTask, sendOnTask } from "./requests.ts";
import { taskView } from "./view.ts";

const task = once(() => z.object({ ok: z.literal(true), task: taskView() }));
const page = once(() =>
  z.object({
    ok: z.literal(true),
    total: z.int(),
    tasks: z.array(taskView()),
    nextCursor: z.string().optional(),
  }),
);
const refusal = once(() => z.object({ ok: z.literal(false), error: z.string() }));

const one = () => ({ say: "The task", schema: task() });
const failed = (say: string) => ({ say, schema: refusal() });
const invalid = () => ({ 400: failed("It is not valid") });
const unknown = () => ({ 404: failed("There is no such task") });
const wrongState = () => ({ 409: failed("Its state does not allow it") });
const changed = () => ({ 200: one(), ...invalid(), ...unknown(), ...wrongState() });
const tag = "tasks";

/** What the OpenAPI document says of the tasks' routes. */
export const docs = {
  create: once(
    (): RouteDoc => ({
      ...{ summary: "Make a task", tag, body: createTask() },
      answers: {
        201: one(),
        ...invalid(),
        409: failed("The Idempotency-Key made another task more than a day ago"),
        422: failed("The Idempotency-Key came with another body"),
        503: failed("There is no room for another task"),
      },
    }),
  ),
  list: once(
    (): RouteDoc => ({
      ...{ summary: "List tasks, the newest change first", tag, query: listTasks() },
      answers: { 200: { say: "A page of them", schema: page() }, ...invalid() },
    }),
  ),
  show: once((): RouteDoc => ({ summary: "Show a task", tag, answers: { 200: one(), ...unknown() } })),
  patch: once(
    (): RouteDoc => ({
      summary: "Change what a task does or may use",
      ...{ tag, body: patchTask(), answers: changed() },
    }),
  ),
  cancel: once(
    (): RouteDoc => ({
      summary: "Cancel a task, and stop its run",
      tag,
      body: cancelTask(),
      answers: changed(),
    }),
  ),
  retry: once((): RouteDoc => ({ summary: "Try a task again", tag, body: sendOnTask(), answers: changed() })),
  resume: once(
    (): RouteDoc => ({ summary: "Go on with a blocked task", tag, body: sendOnTask(), answers: changed() }),
  ),
};
