import type { GatewayConnection } from "@carapace/client";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { ExitCode } from "../../command/definition.ts";
import { timeoutMs } from "../../link/open-gateway.ts";
import { confirm } from "../../prompt/confirm.ts";
import type { CliWorld } from "../../world.ts";
import { named, nameOf, type WaitingDevice, waitingLines } from "./describe.ts";

/** What to do with the one request that `id` names, or with the only one that waits. */
export interface RequestAnswer {
  readonly id: string | undefined;
  readonly verdict: "approve" | "reject";
  readonly yes: boolean;
}

/** Shows who asks for what, lets the owner decide, and tells the gateway. */
export async function answerRequest(
  connection: GatewayConnection,
  { id, verdict, yes }: RequestAnswer,
  world: CliWorld,
): Promise<ExitCode> {
  const { out } = world;
  const found = await findRequest(connection, id);
  if (!found.ok) return out.fail(found.say);
  const device = found.value;
  const who = `${nameOf(device)} at ${device.remoteIp ?? "an unknown address"}`;
  if (!yes && verdict === "approve") {
    out.note(waitingLines(device));
    const answer = await confirm("Let it in?");
    if (answer === "nobody")
      return out.fail("nothing was changed; to approve without being asked, use --yes");
    if (answer === "no") {
      out.note("Nothing was changed. To turn it away: cara devices reject");
      return 1;
    }
  }
  const { requestId } = device;
  const answer = await connection.request(`device.pair.${verdict}`, { requestId }, { timeoutMs });
  if (!answer.ok) return out.fail(answer.say);
  out.result(verdict === "approve" ? `${who} may connect now: let it try again.` : `${who} was turned away.`);
  return 0;
}

async function findRequest(
  connection: GatewayConnection,
  id: string | undefined,
): Promise<Result<WaitingDevice>> {
  const answer = await connection.request("device.pair.list", {}, { timeoutMs });
  if (!answer.ok) return answer;
  const { pending } = answer.value;
  const found = id === undefined ? pending : named(pending, id, ({ requestId }) => requestId);
  const [device] = found;
  if (device !== undefined && found.length === 1) return ok(device);
  if (pending.length === 0)
    return refuse(
      "not_found",
      "no device waits: a request is forgotten after an hour, and made anew by connecting",
    );
  const which =
    id === undefined
      ? "several devices wait"
      : `"${id}" names ${found.length === 0 ? "none" : "several"} of those that wait`;
  return refuse("not_found", `${which}: cara devices list shows their requests`);
}
