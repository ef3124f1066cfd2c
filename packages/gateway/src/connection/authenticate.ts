import { type Refusal, refuse } from "@carapace/protocol";
import type { Peer } from "../listen/peer.ts";
import { type Credentials, isSameSecret, present } from "./credentials.ts";
import type { Whois } from "./tailscale.ts";

/** What a caller offers. */
export interface Offer {
  readonly token?: string | undefined;
  readonly password?: string | undefined;
}

/** How a caller proved itself. */
export type Proof = "local" | "tailscale" | "token" | "password" | "device_token";

export type Authentication = { readonly ok: true; readonly value: Proof } | Refusal;

export interface AuthenticateDeps {
  readonly credentials: Credentials;
  /** Asks the Tailscale daemon whose address it is; absent where there is none. */
  readonly whois?: Whois | undefined;
  /** Whether one of the offered texts is a live device token of the verified device; absent without such a device. */
  readonly isDeviceToken?: (() => Promise<boolean>) | undefined;
}

/** Runs the checks of websocket.md §5 in order; the first success wins. */
export async function authenticate(
  peer: Peer,
  offer: Offer,
  deps: AuthenticateDeps,
): Promise<Authentication> {
  const { credentials } = deps;
  if (credentials.mode === "none" && peer.isLocalDirect) return proven("local");
  if (credentials.allowTailscale && (await isTailnetOwner(peer, deps.whois))) return proven("tailscale");
  const shared = judgeSecret(credentials, offer);
  if (shared.ok || deps.isDeviceToken === undefined) return shared;
  return (await deps.isDeviceToken()) ? proven("device_token") : shared;
}

/** Row 3 of websocket.md §5, and the texts of every failure. Pure. */
function judgeSecret({ mode, secret }: Credentials, offer: Offer): Authentication {
  if (mode === "none") return refuse("unauthorized", "unauthorized");
  const expected = present(secret?.reveal());
  if (expected === undefined) {
    return refuse(
      "unauthorized",
      `unauthorized: gateway ${mode} not configured on gateway (set gateway.auth.${mode})`,
    );
  }
  const given = present(offer[mode]);
  if (given === undefined) return refuse("unauthorized", `unauthorized: ${mode} missing`);
  return isSameSecret(given, expected)
    ? proven(mode)
    : refuse("unauthorized", `unauthorized: ${mode} mismatch`);
}

async function isTailnetOwner(peer: Peer, whois: Whois | undefined): Promise<boolean> {
  if (peer.tailnet === undefined || whois === undefined) return false;
  const login = await whois(peer.tailnet.address);
  return login !== undefined && login.trim().toLowerCase() === peer.tailnet.login;
}

function proven(value: Proof): Authentication {
  return { ok: true, value };
}
