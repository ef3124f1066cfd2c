import type { ExitCode, OptionValues } from "../../command/definition.ts";
import { type Control, type ControlAsk, openControl } from "../../link/control.ts";
import { resolveTarget } from "../../link/resolve-target.ts";
import type { CliWorld } from "../../world.ts";
import { describeTask } from "./describe.ts";
import type { taskOptions } from "./options.ts";

/** What every task command is told. */
export type TaskFlags = OptionValues<typeof taskOptions>;

/** Opens the control API of the gateway that the flags name; says why it cannot. */
export async function reach(flags: TaskFlags, world: CliWorld): Promise<Control | undefined> {
  const resolved = await resolveTarget(
    { port: flags.port, host: flags.host, tls: false, trust: false },
    world,
  );
  const opened = resolved.ok ? await openControl(resolved.value.target, resolved.value.settings) : resolved;
  if (opened.ok) return opened.value;
  world.out.fail(opened.say);
  return undefined;
}

/** The path of a task; undefined for a blank id, which is said. */
export function pathOf(id: string, world: CliWorld, action?: string): string | undefined {
  const trimmed = id.trim();
  if (trimmed !== "") {
    const path = `/control/tasks/${encodeURIComponent(trimmed)}`;
    return action === undefined ? path : `${path}/${action}`;
  }
  world.out.fail("the task's id is blank; cara task list shows the ids");
  return undefined;
}

/** Asks, and prints the task that is answered: in words on a terminal, else as the reply's JSON (cli.md §3.7). */
export async function askAndShow(ask: ControlAsk, flags: TaskFlags, world: CliWorld): Promise<ExitCode> {
  const control = await reach(flags, world);
  if (control === undefined) return 1;
  const answer = await control.call(ask);
  if (!answer.ok) return world.out.fail(answer.say);
  if (isForPeople(flags, world)) world.out.result(describeTask(answer.value["task"], world.nowMs()));
  else world.out.json(answer.value);
  return 0;
}

export function isForPeople({ json }: TaskFlags, { out }: CliWorld): boolean {
  return !json && out.columns() !== undefined;
}
