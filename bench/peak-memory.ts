import { readFileSync } from "node:fs";

/**
 * The most resident memory of a process until the call, MiB (Linux). Read from the process itself: what the system
 * counts for a child begins with the memory of its parent.
 */
export function watchPeak(pid: number): () => number {
  let kib = 0;
  const timer = setInterval(() => {
    try {
      kib = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? kib);
    } catch {
      // It has ended.
    }
  }, 20);
  return () => {
    clearInterval(timer);
    return kib / 1024;
  };
}
