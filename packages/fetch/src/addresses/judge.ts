import { once } from "@carapace/protocol";
import { type AddressBytes, type AddressRange, isInRange, parseAddress, parseRange } from "./parse.ts";
import { blockedRanges, mappedIPv4, type Opening, publicIPv6 } from "./ranges.ts";

/** What the owner's settings change about which addresses are blocked. */
export interface AddressPolicy {
  /** Lets through the tailnet: 100.64/10 and fd7a:115c:a1e0::/48 (`plugins.sandbox.allow_tailscale`). */
  readonly allowTailscale?: boolean;
  /**
   * Lets through this machine and private networks. Only for a target that the owner wrote down, never for one that a
   * model, a peer or a page named; a redirect to another server is judged without it.
   */
  readonly allowPrivate?: boolean;
  /** Blocked on top, whatever else is allowed: `203.0.113.0/24`, `2001:db8::1`. One that cannot be read blocks all. */
  readonly blockedCidrs?: readonly string[];
}

export type AddressVerdict =
  | { readonly allowed: true }
  /** `what` the address is, for the log. */
  | { readonly allowed: false; readonly what: string };

/** Read with the first address: a gateway that starts has none to judge, and waits for nobody. */
const ranges = once(() => ({
  /** The narrowest first. */
  rows: blockedRanges
    .map((row) => ({ ...row, parsed: constantRange(row.range) }))
    .sort((one, other) => other.parsed.bits - one.parsed.bits),
  publicIPv6: constantRange(publicIPv6),
  mappedIPv4: constantRange(mappedIPv4),
}));
const allowed: AddressVerdict = { allowed: true };

/** Pure. Whether a connection to this address may be made; what is no address is blocked (http.md §14). */
export function judgeAddress(text: string, policy: AddressPolicy = {}): AddressVerdict {
  const address = parseAddress(text);
  if (address === undefined) return blocked("not an address");
  return judgeBytes(address, policy);
}

function judgeBytes(address: AddressBytes, policy: AddressPolicy): AddressVerdict {
  for (const text of policy.blockedCidrs ?? []) {
    const range = parseRange(text);
    if (range === undefined) return blocked("a blocked range of the configuration cannot be read");
    if (isInRange(address, range)) return blocked("blocked by the configuration");
  }
  const strict = { blockedCidrs: policy.blockedCidrs ?? [] };
  if (isInRange(address, ranges().mappedIPv4)) return judgeBytes(address.subarray(12), strict);
  const row = ranges().rows.find(({ parsed }) => isInRange(address, parsed));
  if (row !== undefined) return isOpen(row.opening, policy) ? allowed : blocked(row.what);
  if (address.length === 4) return allowed;
  if (!isInRange(address, ranges().publicIPv6)) return blocked("not a public address");
  return isIsatap(address) ? judgeBytes(address.subarray(12), strict) : allowed;
}

function isOpen(opening: Opening, { allowPrivate, allowTailscale }: AddressPolicy): boolean {
  if (opening === "never") return false;
  return allowPrivate === true || (opening === "tailnet" && allowTailscale === true);
}

/** RFC 5214: an interface id that says "tunnel to the IPv4 address in my last four bytes". */
function isIsatap(address: AddressBytes): boolean {
  const [a = 0, b = 0, c = 0, d = 0] = address.subarray(8, 12);
  return (a & 0xfd) === 0 && b === 0 && c === 0x5e && d === 0xfe;
}

function blocked(what: string): AddressVerdict {
  return { allowed: false, what };
}

function constantRange(text: string): AddressRange {
  const range = parseRange(text);
  if (range === undefined) throw new Error(`not a range: ${text}`);
  return range;
}
