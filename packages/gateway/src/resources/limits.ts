import { readFileSync } from "node:fs";
import type { Config } from "@carapace/config";
import type { ResourceLimits } from "./monitor.ts";

const mebibyte = 1024 * 1024;
/** Of the descriptors the system grants, so many per cent may be open before it is told (http.md §15.3). */
const fdShare = 0.8;
/** What systems usually grant, where ours does not say. */
const usualFds = 1024;

/** The limits of `gateway.resources`, and what the system grants. */
export function resourceLimits(config: Config): ResourceLimits {
  const { minDiskFreeMiB, maxMemoryMiB } = config.gateway.resources;
  return {
    minDiskFreeBytes: minDiskFreeMiB * mebibyte,
    maxMemoryBytes: maxMemoryMiB * mebibyte,
    maxOpenFds: Math.floor(softFdLimit() * fdShare),
  };
}

function softFdLimit(): number {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    return line?.[1] === undefined ? usualFds : Number(line[1]);
  } catch {
    return usualFds;
  }
}
