import type { PortableDeps } from "../deps.ts";
import type { PortableOutput, PortableSection, WriteOptions } from "../types.ts";
import { writeSessions } from "./sessions.ts";
import { writeCron, writeMemory, writeRegistries, writeTasks } from "./stores.ts";
import { writeUsage } from "./usage.ts";

const writers: Readonly<
  Record<PortableSection, (deps: PortableDeps, options: WriteOptions) => AsyncIterable<PortableOutput>>
> = {
  sessions: writeSessions,
  memory: writeMemory,
  cron: writeCron,
  tasks: writeTasks,
  usage: writeUsage,
  registries: writeRegistries,
};

/** The files of these sections, one after the other. */
export async function* writeSections(
  deps: PortableDeps,
  options: WriteOptions,
): AsyncGenerator<PortableOutput> {
  for (const section of options.sections) yield* writers[section](deps, options);
}
