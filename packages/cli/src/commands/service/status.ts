import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption } from "../../command/options.ts";

export const definition = {
  name: "service status",
  summary: "Say whether the service is installed and runs",
  details: ["The exit code is 0 if it runs, 1 if not."],
  options: { json: jsonOption },
  examples: [{ command: "cara service status", says: "cara status asks the gateway itself" }],
} as const satisfies CommandDefinition;

/** docs/run-the-gateway.md. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { usableManager } = await import("../../service/own-service.ts");
  const { out } = world;
  const manager = await usableManager(world);
  if (!manager.ok) return out.fail(manager.say);
  const asked = await manager.value.status();
  if (!asked.ok) return out.fail(asked.say);
  const { isInstalled, isEnabled, isRunning, pid, state } = asked.value;
  const { label, unitPath } = manager.value;
  if (options.json) {
    out.json({
      manager: label,
      file: unitPath,
      installed: isInstalled,
      enabled: isEnabled,
      running: isRunning,
      pid,
      state,
    });
  } else if (isInstalled) {
    const process = pid === undefined ? "" : `, process ${pid}`;
    out.result(
      [
        `State:    ${state}${process}`,
        `At login: ${isEnabled ? "yes" : "no"}`,
        `File:     ${unitPath} (${label})`,
      ].join("\n"),
    );
  } else out.result("No service is installed. To install it: cara service install");
  return isRunning ? 0 : 1;
}
