import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";

export const definition = {
  name: "service uninstall",
  summary: "Stop the service and remove it; nothing else is deleted",
  options: {},
  examples: [{ command: "cara service uninstall", says: "conversations and configuration stay" }],
} as const satisfies CommandDefinition;

/** docs/run-the-gateway.md. */
export async function run({ world }: Run<typeof definition>): Promise<ExitCode> {
  const { usableManager } = await import("../../service/own-service.ts");
  const manager = await usableManager(world);
  if (!manager.ok) return world.out.fail(manager.say);
  const status = await manager.value.status();
  if (status.ok && !status.value.isInstalled) {
    world.out.note("No service is installed.");
    return 0;
  }
  const removed = await manager.value.uninstall();
  if (!removed.ok) return world.out.fail(removed.say);
  world.out.result("The service is removed.");
  return 0;
}
