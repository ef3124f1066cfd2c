import { BlockList, isIP } from "node:net";
import type { Result } from "@carapace/protocol";

/** Which gateway a command talks to, and how. */
export interface Target {
  /** `127.0.0.1:18789`, IPv6 in brackets; for people. */
  readonly address: string;
  readonly httpUrl: string;
  readonly wsUrl: string;
  /** `localhost` or a literal loopback address; no name is looked up (cli.md §2.3). */
  readonly isLoopback: boolean;
  readonly isEncrypted: boolean;
  /** The owner gave up checking the certificate. */
  readonly acceptsAnyCertificate: boolean;
}

export interface TargetFlags {
  readonly port: number;
  readonly host: string | undefined;
  readonly tls: boolean;
  readonly trust: boolean;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");
loopback.addSubnet("::ffff:127.0.0.0", 104, "ipv6");

/** Pure. Refuses what is not a host name or an address. */
export function readTarget(flags: TargetFlags): Result<Target> {
  const host = (flags.host ?? "127.0.0.1").trim().replace(/^\[(.*)\]$/, "$1");
  const family = isIP(host);
  if (family === 0 && !/^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?\.?$/.test(host)) {
    return {
      ok: false,
      code: "invalid_request",
      say: "--host must be a host name or an IP address, nothing else",
    };
  }
  const address = `${family === 6 ? `[${host}]` : host}:${flags.port}`;
  const isLocalAddress = family !== 0 && loopback.check(host, family === 6 ? "ipv6" : "ipv4");
  return {
    ok: true,
    value: {
      address,
      httpUrl: `${flags.tls ? "https" : "http"}://${address}`,
      wsUrl: `${flags.tls ? "wss" : "ws"}://${address}/ws`,
      isLoopback: host.toLowerCase() === "localhost" || isLocalAddress,
      isEncrypted: flags.tls,
      acceptsAnyCertificate: flags.tls && flags.trust,
    },
  };
}

/** What to say before connecting with these flags (cli.md §2.4, step 1). Pure. */
export function targetWarnings(flags: TargetFlags): readonly string[] {
  if (flags.trust && !flags.tls) return ["Warning: --trust has no effect without --tls"];
  return flags.trust
    ? ["Warning: --trust accepts any certificate: somebody in between could read everything"]
    : [];
}
