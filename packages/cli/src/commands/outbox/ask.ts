import type { GatewayConnection } from "@carapace/client";
import type { MethodResult } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { timeoutMs } from "../../link/open-gateway.ts";

/** A message as the gateway shows it. */
export type ShownMessage = MethodResult<"outbox.list">["messages"][number];

/** One message. */
export async function findMessage(connection: GatewayConnection, id: string): Promise<Result<ShownMessage>> {
  const answer = await connection.request("outbox.list", { id }, { timeoutMs });
  if (!answer.ok) return answer;
  const [message] = answer.value.messages;
  if (message !== undefined) return ok(message);
  return refuse("not_found", `there is no message "${id}": cara outbox list shows those there are`);
}
