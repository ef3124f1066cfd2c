import { eventContracts, type HealthResult, type HelloOk, methodContracts, policy } from "@carapace/protocol";
import type { IssuedToken } from "../pairing/tokens.ts";
import type { ConnectionView } from "../types.ts";
import type { Hub } from "./hub.ts";
import { fitsBytes } from "./limits.ts";

/** What the gateway says of itself. */
export interface ServerIdentity {
  readonly version: string;
  readonly commit?: string;
  readonly host: string;
}

export interface HelloDeps {
  readonly server: ServerIdentity;
  readonly hub: Pick<Hub, "presence" | "stateVersion">;
  readonly health: () => HealthResult;
  /** Since the gateway started. */
  readonly uptimeMs: () => number;
}

// Only what works: a client that looks before it calls must not be told of methods of later versions.
const features = { methods: Object.keys(methodContracts), events: Object.keys(eventContracts) };
/** Beyond it the snapshot leaves presence out, so that nobody can keep others from connecting by a long name. */
const maxPresenceBytes = 262_144;

/** What was agreed with a newcomer. */
interface Welcome {
  readonly protocol: number;
  readonly view: Pick<ConnectionView, "connId" | "role" | "scopes">;
  readonly token: IssuedToken | undefined;
}

/** The answer to a successful `connect` (websocket.md §4); made before the newcomer is registered. */
export function helloOk({ protocol, view, token }: Welcome, deps: HelloDeps): HelloOk {
  const presence = deps.hub.presence("operator");
  return {
    type: "hello-ok",
    protocol,
    server: { ...deps.server, connId: view.connId },
    features,
    snapshot: {
      presence: fitsBytes(JSON.stringify(presence), maxPresenceBytes) ? presence : [],
      health: deps.health(),
      stateVersion: deps.hub.stateVersion(),
      uptimeMs: deps.uptimeMs(),
    },
    auth: {
      role: view.role,
      scopes: [...view.scopes],
      ...(token === undefined ? {} : { deviceToken: token.token, issuedAtMs: token.issuedAtMs }),
    },
    policy,
  };
}
