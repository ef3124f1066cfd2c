import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import type { Control } from "../../link/control.ts";
import { isRecord } from "../../link/json.ts";
import { cleanLine } from "../../output/clean.ts";
import { compactJson } from "../../output/json.ts";
import type { CliWorld } from "../../world.ts";
import { pathOf, reach } from "./ask.ts";
import { followRuns } from "./follow-runs.ts";
import { idArgument, taskOptions } from "./options.ts";

export const definition = {
  name: "task watch",
  summary: "Follow a task until it ends, or waits for you",
  details: [
    "Shows each change of its state, and what its runs say while they go on. Ends with 0 when the task is done, else\n" +
      "with 1. With --json each state is one line of JSON. Ctrl-C ends the watching, not the task.",
  ],
  args: idArgument,
  options: taskOptions,
  examples: [
    { command: "cara task watch ID", says: "read along" },
    { command: "cara task watch ID --json", says: "for a script" },
  ],
} as const satisfies CommandDefinition;

const pollMs = 1000;
const over = new Set(["done", "failed", "cancelled", "blocked"]);

export async function run({ args, options, world }: Run<typeof definition>): Promise<ExitCode> {
  const path = pathOf(args.id, world);
  if (path === undefined) return 1;
  const control = await reach(options, world);
  if (control === undefined) return 1;
  // Before the runs are followed: an unknown task is said at once.
  const first = await control.call({ method: "GET", path });
  if (!first.ok) return world.out.fail(first.say);
  const follow = async () => (options.json ? undefined : await followRuns(args.id.trim(), options, world));
  const print = options.json
    ? (task: Record<string, unknown>) => world.out.piece(`${compactJson(task)}\n`)
    : (task: Record<string, unknown>) => world.out.result(lineOf(task, world.nowMs()));
  return await watch(first.value["task"], { control, path, print, follow, world });
}

interface Watching {
  readonly control: Control;
  readonly path: string;
  readonly print: (task: Record<string, unknown>) => void;
  /** Begins to print what its runs say. */
  readonly follow: () => Promise<AsyncDisposable | undefined>;
  readonly world: CliWorld;
}

/** Asks for the task every second, and prints what is new. A gateway that goes away is waited for: it may be restarting. */
async function watch(first: unknown, watching: Watching): Promise<ExitCode> {
  const { control, path, print, world } = watching;
  await using following = new AsyncDisposableStack();
  following.use(await watching.follow());
  let isBroken = false;
  world.out.whenBroken(() => {
    isBroken = true;
  });
  let shown = "";
  let isLost = false;
  for (let task = first; !isBroken; ) {
    if (isRecord(task)) {
      const seen = JSON.stringify([task["state"], task["status"], task["attempts"], task["checkpoint"]]);
      if (seen !== shown) print(task);
      shown = seen;
      if (over.has(String(task["state"]))) return task["state"] === "done" ? 0 : 1;
    }
    await Bun.sleep(pollMs);
    const answer = await control.call({ method: "GET", path });
    if (!answer.ok && answer.code !== "unavailable") return world.out.fail(answer.say);
    if (!answer.ok && !isLost) world.out.note(`${answer.say}. Waiting until it is back; Ctrl-C ends it.`);
    // The connection went with the gateway.
    if (answer.ok && isLost) following.use(await watching.follow());
    isLost = !answer.ok;
    if (answer.ok) task = answer.value["task"];
  }
  return 0;
}

/** `12:03:44 running: Attempt 2 is running.` */
function lineOf({ state, status, lastError, checkpoint }: Record<string, unknown>, nowMs: number): string {
  const time = new Date(nowMs).toTimeString().slice(0, 8);
  const said = typeof status === "string" ? status : typeof lastError === "string" ? lastError : "";
  const note = isRecord(checkpoint) && state === "running" ? ` Note: ${String(checkpoint["text"])}` : "";
  return cleanLine(`${time} ${String(state)}: ${said}${note}`);
}
