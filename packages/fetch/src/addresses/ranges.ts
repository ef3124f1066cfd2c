/**
 * Who may open a blocked range: nobody, the owner for a target of their own (`allowPrivate`), or that and whoever lets
 * the assistant into the tailnet (`allowTailscale`).
 */
export type Opening = "never" | "private" | "tailnet";

export interface BlockedRange {
  readonly range: string;
  readonly opening: Opening;
  readonly what: string;
}

/**
 * Addresses that are not public (http.md §14, IANA's special-purpose registries), and those at which clouds hand out
 * credentials. Of an address that stands in several rows the narrowest decides.
 */
export const blockedRanges: readonly BlockedRange[] = [
  { range: "0.0.0.0/8", opening: "never", what: "this network" },
  { range: "10.0.0.0/8", opening: "private", what: "a private network" },
  { range: "100.64.0.0/10", opening: "tailnet", what: "shared address space" },
  { range: "100.100.100.200/32", opening: "never", what: "cloud metadata" },
  { range: "127.0.0.0/8", opening: "private", what: "this machine" },
  { range: "168.63.129.16/32", opening: "never", what: "cloud metadata" },
  { range: "169.254.0.0/16", opening: "never", what: "link-local, cloud metadata" },
  { range: "172.16.0.0/12", opening: "private", what: "a private network" },
  { range: "192.0.0.0/24", opening: "never", what: "protocol assignments, cloud metadata" },
  { range: "192.0.2.0/24", opening: "never", what: "documentation" },
  { range: "192.88.99.0/24", opening: "never", what: "6to4 relays" },
  { range: "192.168.0.0/16", opening: "private", what: "a private network" },
  { range: "198.18.0.0/15", opening: "never", what: "benchmarks" },
  { range: "198.51.100.0/24", opening: "never", what: "documentation" },
  { range: "203.0.113.0/24", opening: "never", what: "documentation" },
  { range: "224.0.0.0/4", opening: "never", what: "multicast" },
  { range: "240.0.0.0/4", opening: "never", what: "reserved, broadcast" },

  { range: "::1/128", opening: "private", what: "this machine" },
  { range: "::/128", opening: "never", what: "unspecified" },
  { range: "64:ff9b::/96", opening: "never", what: "NAT64: an IPv4 address behind a translator" },
  { range: "64:ff9b:1::/48", opening: "never", what: "NAT64 of a local network" },
  { range: "100::/64", opening: "never", what: "discard" },
  { range: "2001::/32", opening: "never", what: "Teredo: an IPv4 address behind a tunnel" },
  { range: "2001:2::/48", opening: "never", what: "benchmarks" },
  { range: "2001:10::/28", opening: "never", what: "ORCHID" },
  { range: "2001:20::/28", opening: "never", what: "ORCHID" },
  { range: "2001:db8::/32", opening: "never", what: "documentation" },
  { range: "2002::/16", opening: "never", what: "6to4: an IPv4 address behind a tunnel" },
  { range: "3fff::/20", opening: "never", what: "documentation" },
  { range: "fc00::/7", opening: "private", what: "a private network" },
  { range: "fd00:ec2::254/128", opening: "never", what: "cloud metadata" },
  { range: "fd20:ce::254/128", opening: "never", what: "cloud metadata" },
  { range: "fd7a:115c:a1e0::/48", opening: "tailnet", what: "a tailnet" },
  { range: "fe80::/10", opening: "never", what: "link-local" },
  { range: "fec0::/10", opening: "never", what: "site-local" },
  { range: "ff00::/8", opening: "never", what: "multicast" },
];

/** The only IPv6 addresses that were ever given out to the public. */
export const publicIPv6 = "2000::/3";

/** IPv4 addresses as IPv6 ones (`::ffff:a.b.c.d`): judged by what is inside, without any exemption. */
export const mappedIPv4 = "::ffff:0:0/96";
