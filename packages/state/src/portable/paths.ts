/** A session's id, and what is one in a file's name (state.md §3.1). */
export const sessionIdPattern = /^[A-Za-z0-9_-]{1,128}$/;

const maxPathLength = 512;
const mib = 1024 * 1024;

/** The largest file of each store, in bytes (state.md §2); a larger one is not read. */
export const maxBytes = {
  metadata: 4 * mib,
  history: 256 * mib,
  archive: 256 * mib,
  events: 64 * mib,
  manifest: 16 * 1024,
  sidecar: 1024,
  cron: 8 * mib,
  tasks: 64 * mib,
  usage: 50 * mib,
  devices: 4 * mib,
  nodes: 8 * mib,
  gateways: 4 * mib,
  profiles: 16 * mib,
  memory: 16 * mib,
  approvals: 4 * mib,
  audit: 64 * mib,
  installation: 1024,
} as const;

/** One line of a history, in bytes: a longer one is passed over without being held in memory. */
export const maxLineBytes = 32 * mib;

/** Pure. False for what leads out of the directory, or anywhere else than it says. */
export function isSafePath(path: string): boolean {
  if (path === "" || path.length > maxPathLength || /[\0\\:]/.test(path) || !path.isWellFormed())
    return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
