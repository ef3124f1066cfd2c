import { ok } from "@carapace/protocol";
import { actorOf } from "../audit/actor.ts";
import type { MethodHandlers } from "../types.ts";
import type { Services } from "./services.ts";

type Handled =
  | "device.pair.list"
  | "device.pair.approve"
  | "device.pair.reject"
  | "device.pair.remove"
  | "device.token.rotate"
  | "device.token.revoke";

/** Pairing of devices and their tokens (websocket.md §12.7); the rules stand in `pairing/`. */
export function deviceHandlers({ pairing }: Pick<Services, "pairing">): Pick<MethodHandlers, Handled> {
  return {
    "device.pair.list": async () => ok(await pairing.list()),
    "device.pair.approve": ({ params, connection }) =>
      pairing.by(actorOf(connection)).approve(params.requestId),
    "device.pair.reject": ({ params, connection }) =>
      pairing.by(actorOf(connection)).reject(params.requestId),
    "device.pair.remove": ({ params, connection }) => pairing.by(actorOf(connection)).remove(params.deviceId),
    "device.token.rotate": ({ params, connection }) =>
      pairing.by(actorOf(connection)).rotateToken(params.deviceId, params.role, params.scopes),
    "device.token.revoke": ({ params, connection }) =>
      pairing.by(actorOf(connection)).revokeToken(params.deviceId, params.role),
  };
}
