import type { Result } from "@carapace/protocol/failures";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import type { Control } from "../../link/control.ts";
import { isForPeople, reach } from "./ask.ts";
import { taskTable } from "./describe.ts";
import { taskOptions } from "./options.ts";

export const definition = {
  name: "task list",
  summary: "List tasks, the newest change first",
  options: {
    state: {
      kind: "text",
      value: "state",
      help: "Only queued, running, blocked, retry_wait, done, failed or cancelled ones",
    },
    limit: {
      kind: "whole",
      short: "n",
      value: "number",
      min: 1,
      max: 10_000,
      help: "How many (default: all)",
    },
    ...taskOptions,
  },
  examples: [
    { command: "cara task list", says: "all of them" },
    { command: "cara task list --state blocked", says: "those that wait for you" },
    { command: "cara task list --json -n 20", says: "for a script" },
  ],
} as const satisfies CommandDefinition;

/** An answer may have 1 MiB; a gateway of another make may fill a page whatever stands in it. */
const pageSize = 100;

/** cli.md §3.7. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const control = await reach(options, world);
  if (control === undefined) return 1;
  const state = options.state?.trim() ?? "";
  const listed = await listAll(control, { limit: options.limit ?? Number.POSITIVE_INFINITY, state });
  if (!listed.ok) return world.out.fail(listed.say);
  const { tasks, total } = listed.value;
  if (!isForPeople(options, world)) {
    world.out.json({ ok: true, total, tasks });
    return 0;
  }
  if (tasks.length === 0) world.out.result(state === "" ? "There are no tasks." : "There are none.");
  else world.out.result(taskTable(tasks, { nowMs: world.nowMs(), width: world.out.columns() ?? 80 }));
  if (typeof total === "number" && tasks.length > 0 && tasks.length < total)
    world.out.note(`${tasks.length} of ${total} tasks`);
  return 0;
}

interface Listed {
  readonly tasks: readonly unknown[];
  readonly total: unknown;
}

/** Page after page, up to the limit; a gateway that knows no pages answers with one. */
async function listAll(
  control: Control,
  { limit, state }: { limit: number; state: string },
): Promise<Result<Listed>> {
  const tasks: unknown[] = [];
  let total: unknown;
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({
      ...(state === "" ? {} : { state }),
      limit: String(Math.min(pageSize, limit - tasks.length)),
      ...(cursor === undefined ? {} : { cursor }),
    });
    const page = await control.call({ method: "GET", path: `/control/tasks?${query}` });
    if (!page.ok) return page;
    total ??= page.value["total"];
    const found = page.value["tasks"];
    tasks.push(...(Array.isArray(found) ? found : []));
    const { nextCursor } = page.value;
    cursor = typeof nextCursor === "string" ? nextCursor : undefined;
  } while (cursor !== undefined && tasks.length < limit);
  return { ok: true, value: { tasks: tasks.slice(0, limit), total } };
}
