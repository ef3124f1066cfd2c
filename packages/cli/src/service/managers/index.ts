import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { launchdManager } from "./launchd.ts";
import type { ServiceManager, ServiceOwner } from "./manager.ts";
import { systemdManager } from "./systemd.ts";
import { windowsManager } from "./windows.ts";

const managers: Partial<Record<NodeJS.Platform, (owner: ServiceOwner) => ServiceManager>> = {
  linux: systemdManager,
  darwin: launchdManager,
  win32: windowsManager,
};

/** The service manager of a platform. */
export function managerOf(platform: NodeJS.Platform, owner: ServiceOwner): Result<ServiceManager> {
  const create = managers[platform];
  if (create !== undefined) return ok(create(owner));
  return refuse(
    "unavailable",
    `services are not supported on ${platform}: have your system's service manager run cara start`,
  );
}
