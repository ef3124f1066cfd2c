import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";

export const definition = {
  name: "service restart",
  summary: "Stop the service and start it again",
  options: {},
  examples: [{ command: "cara service restart", says: "and wait until it is done" }],
} as const satisfies CommandDefinition;

/** docs/run-the-gateway.md. */
export async function run({ world }: Run<typeof definition>): Promise<ExitCode> {
  const { changeState } = await import("../../service/change-state.ts");
  return await changeState("restart", world);
}
