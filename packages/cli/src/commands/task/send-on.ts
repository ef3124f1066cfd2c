import type { ExitCode, OptionValues } from "../../command/definition.ts";
import type { CliWorld } from "../../world.ts";
import { askAndShow, pathOf } from "./ask.ts";
import type { sendOnOptions } from "./options.ts";

interface SendOn {
  readonly id: string;
  readonly options: OptionValues<typeof sendOnOptions>;
  readonly world: CliWorld;
}

/** Retry and resume: the body only with something in it (cli.md §3.7). */
export async function sendOn(action: "retry" | "resume", { id, options, world }: SendOn): Promise<ExitCode> {
  const path = pathOf(id, world, action);
  if (path === undefined) return 1;
  const { delayMs, reason } = options;
  const json = { ...(delayMs === undefined ? {} : { delayMs }), ...(reason === undefined ? {} : { reason }) };
  const body = Object.keys(json).length === 0 ? {} : { json };
  return await askAndShow({ method: "POST", path, ...body }, options, world);
}
