import { networkInterfaces } from "node:os";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { isIp } from "./is-ip.ts";

/** What `gateway.bind` asks for (http.md §2). */
export type Bind =
  | { readonly kind: "loopback" | "lan" | "tailnet" | "all" }
  | { readonly kind: "custom"; readonly host: string; readonly port?: number };

const words: Readonly<Record<string, Bind["kind"]>> = {
  loopback: "loopback",
  localhost: "loopback",
  local: "loopback",
  lan: "lan",
  "local-network": "lan",
  tailnet: "tailnet",
  tailscale: "tailnet",
  ts: "tailnet",
  auto: "all",
  all: "all",
  "0.0.0.0": "all",
};

const hostName = /^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?\.?$/i;
const bad = (text: string) =>
  refuse(
    "invalid_request",
    `gateway.bind "${text}" is neither loopback, lan, tailnet, all nor an address; use one of them`,
  );

/** Reads `gateway.bind`: a word, `ip`, `ip:port`, `[v6]:port`, `host` or `host:port`; blanks and case do not count. */
export function parseBind(text: string): Result<Bind> {
  const word = text.trim().toLowerCase();
  const kind = Object.hasOwn(words, word) ? words[word] : undefined;
  if (kind !== undefined && kind !== "custom") return ok({ kind });
  if (isIp(word) !== 0) return ok({ kind: "custom", host: word });
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(word);
  const plain = /^([^:]+)(?::(\d+))?$/.exec(word);
  const [, host, port] = bracketed ?? plain ?? [];
  if (host === undefined) return bad(text);
  if (bracketed ? isIp(host) !== 6 : isIp(host) === 0 && !hostName.test(host)) return bad(text);
  if (port === undefined) return ok({ kind: "custom", host });
  const number = Number(port);
  if (number < 1 || number > 65535)
    return refuse("invalid_request", `port ${port} in gateway.bind is not in 1-65535`);
  return ok({ kind: "custom", host, port: number });
}

/** One address of this machine. */
export interface LocalAddress {
  readonly address: string;
  readonly family: string;
  readonly internal: boolean;
}

/** Every address of this machine, in the system's order. */
export function localAddresses(): LocalAddress[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
}

const isTailnet = (ip: string) => {
  const [a, b] = octets(ip);
  return a === 100 && b >= 64 && b <= 127;
};

const isPrivate = (ip: string) => {
  const [a, b] = octets(ip);
  return a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168);
};

function octets(ip: string): [number, number] {
  const [a = -1, b = -1] = ip.split(".").map(Number);
  return [a, b];
}

/**
 * The address to listen on. `lan` is this machine's first RFC 1918 IPv4 address, `tailnet` its first in
 * 100.64.0.0/10; `unavailable` if it has none. A host name is handed on as it is: the listener resolves it.
 */
export function resolveBind(
  bind: Bind,
  addresses: readonly LocalAddress[],
): Result<{ host: string; port?: number }> {
  switch (bind.kind) {
    case "loopback":
      return ok({ host: "127.0.0.1" });
    case "all":
      return ok({ host: "0.0.0.0" });
    case "lan":
      return first(
        addresses,
        isPrivate,
        "gateway.bind is lan, but this machine has no private IPv4 address; use loopback or an address",
      );
    case "tailnet":
      return first(
        addresses,
        isTailnet,
        "gateway.bind is tailnet, but this machine has no Tailscale address; start Tailscale or use loopback",
      );
    case "custom":
      return ok(bind.port === undefined ? { host: bind.host } : { host: bind.host, port: bind.port });
  }
}

function first(
  addresses: readonly LocalAddress[],
  fits: (ip: string) => boolean,
  say: string,
): Result<{ host: string }> {
  const found = addresses.find((one) => one.family === "IPv4" && !one.internal && fits(one.address));
  return found ? ok({ host: found.address }) : refuse("unavailable", say);
}
