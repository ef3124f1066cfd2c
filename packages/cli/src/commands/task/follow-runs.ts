import type { GatewayEvent } from "@carapace/protocol";
import { readRunEvent } from "../../chat/turn.ts";
import { openConnection } from "../../link/connection.ts";
import { resolveTarget } from "../../link/resolve-target.ts";
import { cleanLine } from "../../output/clean.ts";
import type { CliWorld } from "../../world.ts";
import type { TaskFlags } from "./ask.ts";

/** Prints what the task's runs say while they go on. Without a connection the task's states are all there is to see. */
export async function followRuns(
  taskId: string,
  flags: TaskFlags,
  world: CliWorld,
): Promise<AsyncDisposable | undefined> {
  const resolved = await resolveTarget(
    { port: flags.port, host: flags.host, tls: false, trust: false },
    world,
  );
  if (!resolved.ok) return undefined;
  const { note } = world.out;
  const ask = { ...resolved.value, scopes: ["operator.read"], allowPlaintext: false, note };
  const opened = await openConnection(ask);
  if (!opened.ok) {
    note(`Its runs cannot be followed: ${opened.say}`);
    return undefined;
  }
  opened.value.onEvent((event) => print(event, taskId, world));
  return opened.value;
}

function print(event: GatewayEvent, taskId: string, { out }: CliWorld): void {
  if (event.event !== "agent" && event.event !== "chat") return;
  const { runId } = event.payload;
  if (!runId.startsWith(`task:${taskId}:`)) return;
  for (const step of readRunEvent(event, runId)) {
    if (step.kind === "notice") out.note(`  ${cleanLine(step.text)}`);
    // The whole reply, and not its pieces: what several runs say would run into one another.
    else if (step.kind === "whole" && step.text.trim() !== "") out.result(indented(step.text));
    else if (step.kind === "ended" && step.how.kind === "failed") out.note(`  ${cleanLine(step.how.say)}`);
  }
}

function indented(text: string): string {
  return text
    .trim()
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}
