import { join } from "node:path";
import { keptFolder } from "../full/walk.ts";
import { stampOf } from "../marker.ts";
import { isThere } from "./swap.ts";

/** Where what a restore replaces will be kept, below the state directory; a name that nothing has, for none may be lost. */
export function keptPath(dir: string, nowMs: number): string {
  const path = `${keptFolder}/${stampOf(nowMs)}`;
  for (let count = 1; ; count++) {
    const free = count === 1 ? path : `${path}-${count}`;
    if (!isThere(join(dir, free))) return free;
  }
}
