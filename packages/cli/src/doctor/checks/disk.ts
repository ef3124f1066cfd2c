import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Check } from "../finding.ts";

const mib = 1024 ** 2;
const leastBytes = 100 * mib;
const someBytes = 1024 * mib;

/** Room for the database and what is written beside it: a rekey or a restore needs its size again. */
export const checkDisk: Check = async ({ stateDir }) => {
  let folder = stateDir;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const say = `${Math.floor(free / mib).toLocaleString("en")} MiB are free for ${stateDir}`;
  if (free >= someBytes) return [{ check: "disk", status: "ok", say }];
  const status = free < leastBytes ? "problem" : "warning";
  return [{ check: "disk", status, say, command: `du -sh ${stateDir}/*` }];
};
