import { ok, satisfiesScope } from "@carapace/protocol";
import type { Announcement } from "../connection/presence.ts";
import { definedOnly } from "../defined-only.ts";
import type { Woken } from "../ingress/wake.ts";
import type { ConnectionView, MethodHandlers } from "../types.ts";
import type { Services } from "./services.ts";
import { parseSystemText } from "./system-text.ts";

/** Who is connected, and what they say of themselves (websocket.md §12.1). */
export function presenceHandlers(
  services: Services,
): Pick<MethodHandlers, "system-presence" | "system-event" | "wake"> {
  const { hub, log, systemEvents } = services;
  return {
    "system-presence": ({ connection }) => ok(hub.presence(isAdmin(connection) ? "admin" : "operator")),
    "system-event"({ params, connection }) {
      const { text, ...said } = params;
      const entry: Announcement = {
        ...parseSystemText(text),
        ...definedOnly(said),
        text,
      };
      hub.announce(presenceKey(entry, connection), entry);
      log.target("system").info("system event", { from: connection.client.id, text });
      return ok({ ok: true });
    },
    async wake({ params, connection }) {
      const target = params.target ?? null;
      const text = target === null ? "wake" : `wake ${target}`;
      log.target("system").info("system event", { from: connection.client.id, text });
      const woken = await systemEvents.wake(params.target?.trim() || undefined);
      return ok({ ok: true, target, ...wokenView(woken) });
    },
  };
}

function wokenView(woken: Woken) {
  if (woken.kind === "none") return { runId: null, reason: woken.why };
  const { runId, sessionKey, kind } = woken;
  return {
    runId,
    sessionKey,
    ...(kind === "pending" && { reason: "The turn of an earlier wake has not ended." }),
  };
}

function isAdmin(connection: ConnectionView): boolean {
  return satisfiesScope(connection.scopes, "operator.admin");
}

/** Whose entry an event updates: the device, the instance, the host, the address, or the text's beginning. */
function presenceKey(entry: Announcement, connection: ConnectionView): string {
  const device = entry.deviceId ?? connection.deviceId;
  const name = device ?? entry.instanceId ?? entry.host ?? entry.ip ?? entry.text?.slice(0, 64) ?? "";
  return name.toLowerCase();
}
