/** Asks for a variable. */
export type Lookup = (name: string) => string | undefined;

/** What programs need to find themselves, their settings and the network; none of them holds a secret. */
const passedOn: readonly string[] = [
  ...["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"],
  ...["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"],
  ...["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "NO_PROXY", "no_proxy"],
  ...["SYSTEMROOT", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP"],
];

/** They may hold a password, and are left out then. */
const proxies = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/**
 * The environment of a child process: an allow-list, so that no key of ours reaches it (agent.md §11.4 *Fix*).
 * @param more Names that this program needs besides.
 */
export function childEnvironment(lookup: Lookup, more: readonly string[] = []): Record<string, string> {
  const entries = [...passedOn, ...more, ...proxies].flatMap((name) => {
    const value = lookup(name);
    const isLeftOut = value === undefined || (proxies.includes(name) && value.includes("@"));
    return isLeftOut ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}
