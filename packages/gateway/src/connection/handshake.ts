import {
  type Close,
  type ConnectDevice,
  ConnectionRole,
  ConnectParams,
  closes,
  type HelloOk,
  isControlUi,
  isRecord,
  negotiateProtocol,
  policyClose,
  protocolRange,
  type Refusal,
  type Result,
  readRequest,
  refuse,
  requestedScopes,
  tooDeep,
} from "@carapace/protocol";
import type { Arrivals } from "../audit/arrivals.ts";
import type { Peer } from "../listen/peer.ts";
import type { DevicePairing } from "../pairing/devices.ts";
import type { IssuedToken } from "../pairing/tokens.ts";
import type { ConnectionView } from "../types.ts";
import type { Attempts } from "./attempts.ts";
import { authenticate, type Proof } from "./authenticate.ts";
import { type Credentials, present } from "./credentials.ts";
import { checkDevice, type VerifiedDevice } from "./device-check.ts";
import { type HelloDeps, helloOk } from "./hello.ts";
import type { Whois } from "./tailscale.ts";

/** When a client may connect without a device (websocket.md §5, last table). */
export interface ControlUiTrust {
  readonly allowInsecureAuth: boolean;
  readonly dangerouslyDisableDeviceAuth: boolean;
}

export interface HandshakeDeps extends HelloDeps {
  readonly credentials: Credentials;
  readonly controlUi: ControlUiTrust;
  readonly whois?: Whois | undefined;
  readonly attempts: Attempts;
  readonly arrivals: Arrivals;
  readonly devices: Pick<DevicePairing, "isLiveToken" | "admit">;
  readonly nowMs: () => number;
  readonly maxJsonDepth: number;
  /** Waits; ends early when the signal fires. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** This socket's side of the handshake. */
export interface Greeting {
  readonly peer: Peer;
  readonly connId: string;
  readonly nonce: string;
  /** Fires when the socket is gone. */
  readonly signal: AbortSignal;
}

export type HandshakeOutcome =
  | {
      readonly kind: "accepted";
      readonly id: string;
      readonly hello: HelloOk;
      readonly view: ConnectionView;
      readonly params: ConnectParams;
    }
  /** Without an id there is nobody to answer: the socket is only closed. */
  | { readonly kind: "refused"; readonly id?: string; readonly refusal?: Refusal; readonly close: Close };

/** Reads the first text frame and decides it, row by row of websocket.md §3.2. Touches no socket. */
export async function shakeHands(
  text: string,
  greeting: Greeting,
  deps: HandshakeDeps,
): Promise<HandshakeOutcome> {
  const frame = readRequest(text, deps.maxJsonDepth);
  if (frame.kind === "invalid") return { kind: "refused", close: closes.invalidFrame };
  if (frame.kind === "too_deep") return { kind: "refused", close: tooDeep(deps.maxJsonDepth) };
  const { id } = frame;
  if (frame.kind === "bad_method") return refused(id, refuse("invalid_request", "invalid request frame"));
  if (frame.method !== "connect") {
    return refused(id, refuse("invalid_request", "invalid handshake: first request must be connect"));
  }
  const params = ConnectParams.safeParse(frame.params);
  if (!params.success) return refused(id, refuse("invalid_request", "invalid connect params"));
  const protocol = negotiateProtocol(params.data);
  if (protocol === undefined) {
    const refusal = refuse("invalid_request", "protocol mismatch", { expectedProtocol: protocolRange.min });
    return { kind: "refused", id, refusal, close: closes.protocolMismatch };
  }
  const granted = await grant(params.data, greeting, deps);
  if (!granted.ok) {
    tellRefused(params.data, granted, { greeting, deps });
    return refused(id, granted);
  }
  const { view, token, method } = granted.value;
  await deps.arrivals.accepted({ view, method });
  const hello = helloOk({ protocol, view, token }, deps);
  return { kind: "accepted", id, hello, view, params: params.data };
}

/** Who came as far as a credential is worth a record; anything else a stranger may send as often as he likes. */
function tellRefused(
  { client, auth }: ConnectParams,
  { code, say }: Refusal,
  { greeting: { peer }, deps }: { greeting: Greeting; deps: HandshakeDeps },
): void {
  const isGuess = present(auth?.token) !== undefined || present(auth?.password) !== undefined;
  const method = isGuess ? deps.credentials.mode : "device";
  const told = { method, clientId: client.id, ip: peer.ip, reason: say, endpoint: "/ws" };
  if (code === "rate_limited") deps.arrivals.refused({ kind: "rate_limit_hit", ...told });
  else if (code === "unauthorized" || code === "not_paired")
    deps.arrivals.refused({ kind: "auth_failure", ...told });
}

interface Granted {
  readonly view: ConnectionView;
  readonly method: Proof;
  readonly token?: IssuedToken;
}

/** Rows 10 to 17: role, device, credentials, pairing. */
async function grant(
  params: ConnectParams,
  greeting: Greeting,
  deps: HandshakeDeps,
): Promise<Result<Granted>> {
  const role = ConnectionRole.safeParse(params.role ?? "operator");
  if (!role.success) return refuse("invalid_request", "invalid role");
  const asked = { role: role.data, scopes: requestedScopes(role.data, params.scopes) };
  const verified = await identify({ ...asked, params }, greeting, deps);
  if (!verified.ok) return verified;
  const arrival = { ...asked, params, device: verified.value };
  const proven = await prove(arrival, greeting, deps);
  if (!proven.ok) return proven;
  const { device } = arrival;
  const view = viewOf(arrival, greeting);
  const method = proven.value;
  if (device === undefined) return { ok: true, value: { view, method } };
  const admitted = await deps.devices.admit({
    device,
    ...asked,
    client: params.client,
    remoteIp: view.remoteIp,
    isLocalDirect: greeting.peer.isLocalDirect,
  });
  return admitted.ok ? { ok: true, value: { view, method, token: admitted.value } } : admitted;
}

/** A `connect` with what it asks for after defaulting. */
interface Asked extends Pick<ConnectionView, "role" | "scopes"> {
  readonly params: ConnectParams;
}

/** The same after its device was verified; undefined if it has none and needs none. */
interface Arrived extends Asked {
  readonly device: VerifiedDevice | undefined;
}

/** Rows 11 and 12. @returns the verified device; undefined where none is needed and none was given. */
async function identify(
  { params, role, scopes }: Asked,
  { peer, nonce }: Greeting,
  deps: HandshakeDeps,
): Promise<Result<VerifiedDevice | undefined>> {
  const device = usedDevice(params, deps.controlUi);
  if (device === undefined) {
    if (isDeviceOptional(params, peer, deps.controlUi)) return { ok: true, value: undefined };
    return refuse("not_paired", "device identity required");
  }
  const { client, auth } = params;
  return checkDevice(device, {
    nowMs: deps.nowMs(),
    nonce,
    isLocalDirect: peer.isLocalDirect,
    signed: { clientId: client.id, clientMode: client.mode, role, scopes, token: auth?.token },
    platform: client.platform,
    deviceFamily: client.deviceFamily,
  });
}

/** A supplied device is ignored where device checks are switched off. */
function usedDevice({ client, device }: ConnectParams, trust: ControlUiTrust): ConnectDevice | undefined {
  return trust.dangerouslyDisableDeviceAuth && isControlUi(client.id) ? undefined : device;
}

function isDeviceOptional({ client, auth }: ConnectParams, peer: Peer, trust: ControlUiTrust): boolean {
  const token = present(auth?.token);
  if (peer.isLocalDirect && token !== undefined) return true;
  if (!isControlUi(client.id)) return false;
  if (trust.dangerouslyDisableDeviceAuth) return true;
  return trust.allowInsecureAuth && (token !== undefined || present(auth?.password) !== undefined);
}

/** Row 13, slowed down for addresses that failed before. */
async function prove(
  { params: { auth }, role, scopes, device }: Arrived,
  { peer, signal }: Greeting,
  deps: HandshakeDeps,
): Promise<Result<Proof>> {
  const isGuess = present(auth?.token) !== undefined || present(auth?.password) !== undefined;
  const waitMs = isGuess ? deps.attempts.reserve(peer, deps.nowMs()) : 0;
  if (waitMs === undefined) {
    return refuse("rate_limited", "too many failed attempts from this address; wait a while and try again");
  }
  if (waitMs > 0) await deps.wait(waitMs, signal);
  const tokens = [auth?.token, auth?.deviceToken].filter((token) => present(token) !== undefined);
  const isDeviceToken = async () => {
    if (device === undefined) return false;
    for (const token of tokens) {
      if (
        token !== undefined &&
        (await deps.devices.isLiveToken(token, { deviceId: device.id, role, scopes }))
      )
        return true;
    }
    return false;
  };
  const outcome = await authenticate(peer, auth ?? {}, {
    credentials: deps.credentials,
    whois: deps.whois,
    isDeviceToken,
  });
  // A device that is let in by a token of its own is not forgiven guesses at the owner's secret for it.
  if (outcome.ok && outcome.value !== "device_token") deps.attempts.succeeded(peer);
  else if (isGuess && !outcome.ok) deps.attempts.failed(peer, deps.nowMs());
  return outcome;
}

function viewOf({ params, role, scopes, device }: Arrived, { peer, connId }: Greeting): ConnectionView {
  const { id, mode, version, platform, displayName } = params.client;
  return {
    connId,
    role,
    scopes,
    client: { id, mode, version, platform, ...(displayName === undefined ? {} : { displayName }) },
    ...(device === undefined ? {} : { deviceId: device.id }),
    ...(peer.isLocalDirect ? {} : { remoteIp: peer.ip }),
  };
}

function refused(id: string, refusal: Refusal): HandshakeOutcome {
  return { kind: "refused", id, refusal, close: policyClose(closeText(refusal)) };
}

/** A refusal may tell less to those who see only the close. */
function closeText({ say, details }: Refusal): string {
  const told = isRecord(details) ? details["closeReason"] : undefined;
  return typeof told === "string" ? told : say;
}
