import { mountPath } from "../http/mount-path.ts";

/** `gateway.hooks.path` as it is served. */
export function hooksBase(path: string): string {
  return mountPath(path, "/hooks");
}
