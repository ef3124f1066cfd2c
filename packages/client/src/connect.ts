import { type ConnectRequest, HelloOk, ok, type Refusal, type Result, refuse } from "@carapace/protocol";
import { createConnection } from "./connection.ts";
import { signConnect } from "./identity/sign-connect.ts";
import { createLink, type Link } from "./link.ts";
import { connectRefusal, lostConnection, unreachable } from "./refusals.ts";
import type { ConnectOptions, DeviceIdentity, GatewayConnection } from "./types.ts";
import { within } from "./wait.ts";

/**
 * Connects to a gateway and authenticates (websocket.md §3, cli.md §2.4). Whatever goes wrong is returned, with the
 * socket closed: `unavailable` (not reachable, no answer, cancelled), `unauthorized`, `not_paired` (with
 * `details.requestId` if there is one), `invalid_request`, `rate_limited`.
 */
export async function connect(options: ConnectOptions): Promise<Result<GatewayConnection>> {
  const host = hostOf(options.url);
  if (!host.ok) return host;
  const link = createLink(options.openSocket?.(options.url) ?? new WebSocket(options.url));
  const hello = await shakeHands(link, options, host.value);
  if (hello.ok) return ok(createConnection(link, hello.value));
  await link.close();
  return hello;
}

async function shakeHands(link: Link, options: ConnectOptions, host: string): Promise<Result<HelloOk>> {
  const wait = {
    what: "the handshake",
    timeoutMs: options.challengeTimeoutMs ?? 30_000,
    signal: options.signal,
  };
  const challenge = await within(Promise.race([link.challenge, gaveUp(link, host)]), wait);
  if ("ok" in challenge) return challenge;
  const request = await connectRequest(options, challenge);
  if (!request.ok) return request;
  const answer = await link.call("connect", request.value, wait);
  if (!answer.ok) return connectRefusal(answer);
  const hello = HelloOk.safeParse(answer.value);
  if (hello.success) return ok(hello.data);
  return refuse("unavailable", `What answers at ${host} does not speak the gateway's protocol.`);
}

/** The refusal if the socket does not open, or ends before the challenge. */
async function gaveUp(link: Link, host: string): Promise<Refusal> {
  const failure = await link.opened;
  if (failure !== undefined) return unreachable(host, failure);
  return lostConnection(await link.closed);
}

async function connectRequest(
  options: ConnectOptions,
  challenge: { readonly nonce: string; readonly ts: number },
): Promise<Result<ConnectRequest>> {
  const { client, auth, scopes, role = "operator", protocol = { min: 3, max: 3 } } = options;
  const identity = await identityOf(options);
  if (!identity.ok) return identity;
  const device =
    identity.value && (await signConnect(identity.value, { ...options, role, protocol, challenge }));
  return ok({
    minProtocol: protocol.min,
    maxProtocol: protocol.max,
    client,
    role,
    scopes: [...scopes],
    ...(auth === undefined ? {} : { auth }),
    ...(device === undefined ? {} : { device }),
  });
}

async function identityOf({ identity }: ConnectOptions): Promise<Result<DeviceIdentity | undefined>> {
  return typeof identity === "function" ? await identity() : ok(identity);
}

/** Host and port for sentences; the URL itself is never shown, as it may hold what it must not. */
function hostOf(url: string): Result<string> {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.protocol !== "ws:" && parsed.protocol !== "wss:") || parsed.hash !== "")
    return refuse(
      "invalid_request",
      "The gateway's address must be a ws:// or wss:// URL without a fragment.",
    );
  if (parsed.username !== "" || parsed.password !== "")
    return refuse(
      "invalid_request",
      "Credentials do not belong into the gateway's URL. Give token or password.",
    );
  return ok(parsed.host);
}
