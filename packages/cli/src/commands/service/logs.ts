import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";

export const definition = {
  name: "service logs",
  summary: "Show what the service wrote, also if its gateway does not start",
  details: [
    "It is the service manager's record. What a running gateway logs is shown by cara logs, with filters.",
  ],
  options: {
    lines: {
      kind: "whole",
      short: "n",
      value: "number",
      min: 1,
      max: 100_000,
      help: "How many lines (default: 100)",
    },
    follow: { kind: "flag", short: "f", help: "Go on with new lines until Ctrl-C" },
  },
  examples: [{ command: "cara service logs -f", says: "why does it not start?" }],
} as const satisfies CommandDefinition;

/** docs/run-the-gateway.md. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { usableManager } = await import("../../service/own-service.ts");
  const manager = await usableManager(world);
  if (!manager.ok) return world.out.fail(manager.say);
  const command = manager.value.logCommand({ lines: options.lines ?? 100, follow: options.follow });
  if (command === undefined)
    return world.out.fail("the Task Scheduler keeps no output; a running gateway tells its own: cara logs");
  const { showProgram } = await import("../../service/run-program.ts");
  const shown = await showProgram(command, world);
  return shown.ok ? 0 : world.out.fail(shown.say);
}
