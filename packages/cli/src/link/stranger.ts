const tables = ["/proc/net/tcp", "/proc/net/tcp6"] as const;

/** The system's tables of sockets; it takes milliseconds, so begin early. Only Linux has them; elsewhere they are empty. */
export async function socketTables(): Promise<string> {
  const texts = await Promise.all(
    tables.map((path) =>
      Bun.file(path)
        .text()
        .catch(() => ""),
    ),
  );
  return texts.join("");
}

/**
 * Pure but for whose process this is. Whether somebody else on this machine listens at a port.
 * @param table of {@link socketTables}
 * @returns the number of a user who is neither the one of this process nor the system's
 */
export function strangerAt(port: number, table: string): number | undefined {
  const own = process.getuid?.();
  if (own === undefined) return undefined;
  return listenersAt(table, port).find((uid) => uid !== own && !unblamed.has(uid));
}

/** The system's own, and the number that stands for those of whom a container is not told. */
const unblamed: ReadonlySet<number> = new Set([0, 65_534]);

/** Pure. Whose the listening sockets of a port are (proc_pid_net(5)). */
export function listenersAt(table: string, port: number): number[] {
  const place = port.toString(16).toUpperCase().padStart(4, "0");
  const row = new RegExp(`^\\s*\\d+: [0-9A-F]+:${place} [0-9A-F]+:0000 0A \\S+ \\S+ \\S+\\s+(\\d+) `, "gm");
  return [...table.matchAll(row)].map(([, uid]) => Number(uid));
}
