/** Where a message bus listens: a socket of the file system, or an abstract one (its name starts with NUL). */
export type BusSocket = string;

/**
 * The sockets of the session's message bus, in the order to try them (D-Bus specification, "Server Addresses"). Only
 * sockets of this machine: a bus over the network is no place for secrets, and none is started.
 */
export function busSockets(env: Readonly<Record<string, string | undefined>>): readonly BusSocket[] {
  const address = env["DBUS_SESSION_BUS_ADDRESS"];
  if (address) return address.split(";").flatMap((one) => socketOf(one) ?? []);
  const runtime = env["XDG_RUNTIME_DIR"];
  return runtime ? [`${runtime}/bus`] : [];
}

function socketOf(address: string): BusSocket | undefined {
  if (!address.startsWith("unix:")) return undefined;
  const keys = new Map(
    address
      .slice("unix:".length)
      .split(",")
      .map((pair): [string, string] => {
        const at = pair.indexOf("=");
        return at < 0 ? [pair, ""] : [pair.slice(0, at), unescaped(pair.slice(at + 1))];
      }),
  );
  const path = keys.get("path");
  if (path) return path;
  const name = keys.get("abstract");
  return name ? `\0${name}` : undefined;
}

function unescaped(text: string): string {
  return text.replaceAll(/%([0-9a-fA-F]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
