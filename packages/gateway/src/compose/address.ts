import { isIP } from "node:net";
import { type Config, localAddresses, parseBind, resolveBind } from "@carapace/config";
import { ok, type Refusal, type Result, refuse } from "@carapace/protocol";

export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** Where to listen: what the command line says, else the configuration (http.md §2). */
export function chooseAddress(
  asked: { readonly port?: number | undefined; readonly bind?: string | undefined },
  { gateway }: Pick<Config, "gateway">,
): Result<Address> {
  const bind = parseBind(asked.bind ?? gateway.bind);
  if (!bind.ok) return bind;
  const address = resolveBind(bind.value, localAddresses());
  if (!address.ok) return address;
  const port = asked.port ?? address.value.port ?? gateway.port;
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    return refuse("invalid_request", `port ${port} is not in 1-65535`);
  }
  return ok({ hostname: address.value.host, port });
}

/** A host that nobody knows: to the listener it would look like a port in use. */
export async function refuseUnknownHost({ hostname }: Address): Promise<Refusal | undefined> {
  if (isIP(hostname) !== 0) return undefined;
  const { lookup } = await import("node:dns/promises");
  const isKnown = await lookup(hostname).then(
    () => true,
    () => false,
  );
  if (isKnown) return undefined;
  const say = `gateway.bind "${hostname}": there is no such host; use loopback, lan, tailnet, auto or an IP address`;
  return refuse("invalid_request", say);
}

/** The WebSocket address a client on this machine uses. */
export function socketUrl({ hostname, port }: Address): string {
  const host =
    { "0.0.0.0": "127.0.0.1", "::": "[::1]" }[hostname] ??
    (hostname.includes(":") ? `[${hostname}]` : hostname);
  return `ws://${host}:${port}/ws`;
}
