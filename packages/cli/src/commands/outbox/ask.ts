import type { GatewayConnection } from "@carapace/client";
import type { MethodResult } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { remoteOptions } from "../../command/options.ts";
import { openConnection } from "../../link/connection.ts";
import { resolveTarget } from "../../link/resolve-target.ts";
import type { CliWorld } from "../../world.ts";

/** A message as the gateway shows it. */
export type ShownMessage = MethodResult<"outbox.list">["messages"][number];

type RemoteOptions = {
  readonly [K in keyof typeof remoteOptions]: (typeof remoteOptions)[K]["kind"] extends "flag"
    ? boolean
    : (typeof remoteOptions)[K]["kind"] extends "whole"
      ? number | undefined
      : string | undefined;
};

export const timeoutMs = 30_000;

/** Connects to the gateway, which alone knows what is being sent at this moment. */
export async function openGateway(
  options: RemoteOptions,
  scope: "operator.read" | "operator.write" | "operator.admin",
  world: CliWorld,
): Promise<Result<GatewayConnection>> {
  const resolved = await resolveTarget(options, world);
  if (!resolved.ok) return resolved;
  return await openConnection({
    ...resolved.value,
    scopes: [scope],
    allowPlaintext: options.allowPlaintext,
    note: world.out.note,
  });
}

/** One message. */
export async function findMessage(connection: GatewayConnection, id: string): Promise<Result<ShownMessage>> {
  const answer = await connection.request("outbox.list", { id }, { timeoutMs });
  if (!answer.ok) return answer;
  const [message] = answer.value.messages;
  if (message !== undefined) return ok(message);
  return refuse("not_found", `there is no message "${id}": cara outbox list shows those there are`);
}
