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

/** The characters of host names and addresses: no user, port, path or blank gets through. */
const hostCharacters = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]{2,45})$/;

/** Pure. Refuses what is not a host name or an address. */
export function readTarget(flags: TargetFlags): Result<Target> {
  const host = (flags.host ?? "127.0.0.1").trim().replace(/^\[(.*)\]$/, "$1");
  const bracketed = host.includes(":") ? `[${host}]` : host;
  // The URL's own reading is what will be connected to: `127.1` is 127.0.0.1 to it.
  const shown = hostCharacters.test(host) ? URL.parse(`http://${bracketed}`)?.hostname : undefined;
  if (shown === undefined) {
    return {
      ok: false,
      code: "invalid_request",
      say: "--host must be a host name or an IP address, nothing else",
    };
  }
  const address = `${shown}:${flags.port}`;
  return {
    ok: true,
    value: {
      address,
      httpUrl: `${flags.tls ? "https" : "http"}://${address}`,
      wsUrl: `${flags.tls ? "wss" : "ws"}://${address}/ws`,
      isLoopback: isLoopback(shown),
      isEncrypted: flags.tls,
      acceptsAnyCertificate: flags.tls && flags.trust,
    },
  };
}

/** @param host as a URL writes it: lower case, addresses in their one form, IPv6 in brackets */
function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "[::1]") return true;
  return /^127\.\d+\.\d+\.\d+$/.test(host) || /^\[::ffff:7f[0-9a-f]{2}:/.test(host);
}

/** What to say before connecting with these flags (cli.md §2.4, step 1). Pure. */
export function targetWarnings(flags: TargetFlags): readonly string[] {
  if (flags.trust && !flags.tls) return ["Warning: --trust has no effect without --tls"];
  return flags.trust
    ? ["Warning: --trust accepts any certificate: somebody in between could read everything"]
    : [];
}
