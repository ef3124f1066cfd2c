import { readFile } from "node:fs/promises";

const tables = ["/proc/net/tcp", "/proc/net/tcp6"] as const;

/**
 * Whether somebody else on this machine listens at a port. Only Linux tells; elsewhere nobody is known.
 * @returns the number of a user who is neither the one of this process nor the system's
 */
export async function strangerAt(port: number): Promise<number | undefined> {
  const own = process.getuid?.();
  if (own === undefined) return undefined;
  const texts = await Promise.all(tables.map((path) => readFile(path, "utf8").catch(() => "")));
  return texts.flatMap((text) => listenersAt(text, port)).find((uid) => uid !== own && !unblamed.has(uid));
}

/** The system's own, and the number that stands for those of whom a container is not told. */
const unblamed: ReadonlySet<number> = new Set([0, 65_534]);

/** Pure. Whose the listening sockets of a port are (proc_pid_net(5)). */
export function listenersAt(table: string, port: number): number[] {
  const place = port.toString(16).toUpperCase().padStart(4, "0");
  const row = new RegExp(`^\\s*\\d+: [0-9A-F]+:${place} [0-9A-F]+:0000 0A \\S+ \\S+ \\S+\\s+(\\d+) `, "gm");
  return [...table.matchAll(row)].map(([, uid]) => Number(uid));
}
