import { json } from "../http/json.ts";
import { secure } from "../http/security-headers.ts";
import type { Door } from "./door.ts";
import { isOriginAllowed, type Scheme } from "./origin.ts";
import type { Peer } from "./peer.ts";
import type { Newcomer } from "./waiting-room.ts";

/** What decides whether a request is heard at all. */
export interface DoorRules {
  /** Only this machine can reach the port. */
  readonly isLoopbackBind: boolean;
  /** Mode token or password with a secret: strangers can be told from the owner. */
  readonly hasCredential: boolean;
  /** `tailscale serve` forwards to this port under the machine's tailnet name. */
  readonly isTailnetServed: boolean;
}

/**
 * Refuses a page that reached this machine's loopback under a name of its own (DNS rebinding): such a request comes
 * from loopback, but does not name it. With a credential it is treated as any remote one; without, it is not heard.
 */
export function denyHost(peer: Peer, rules: DoorRules): Response | undefined {
  if (!rules.isLoopbackBind || rules.hasCredential) return undefined;
  if (peer.host === "local" || (peer.host === "tailnet" && rules.isTailnetServed)) return undefined;
  const response = json({ ok: false, error: "this gateway answers to localhost only" }, 421);
  return secure(response, { isPage: false, isTls: false, host: null });
}

/** Checks a request for `/ws` before its upgrade (websocket.md §1). @returns the refusal, or undefined. */
export function denyUpgrade(request: Request, scheme?: Scheme): Response | undefined {
  const { headers } = request;
  if (request.method !== "GET") return json({ error: "method not allowed" }, 405, { Allow: "GET" });
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return json({ error: "a WebSocket upgrade is required" }, 426, {
      Upgrade: "websocket",
      Connection: "Upgrade",
    });
  }
  if (!isOriginAllowed(headers.get("origin"), headers.get("host"), scheme)) {
    return json({ error: "origin not allowed" }, 403);
  }
  return undefined;
}

/** Takes one of the places for connections (websocket.md §8) and for newcomers. @returns the refusal, or undefined. */
export function denyCrowd(
  newcomer: Newcomer,
  { admission, waitingRoom, http: { metrics } }: Pick<Door, "admission" | "waitingRoom" | "http">,
): Response | undefined {
  if (!admission.enter(newcomer.peer)) {
    metrics.count("ws_connections_rejected_total", {});
    return json({ error: "connection limit reached" }, 503, { "Retry-After": "5" });
  }
  waitingRoom.enter(newcomer);
  return undefined;
}
