import { ok, policyClose, type Result, refuse } from "@carapace/protocol";
import type { Pairing } from "./devices.ts";

export interface Removed {
  readonly deviceId: string;
  readonly removed: true;
}

/** Ends a pairing: the device, its tokens and its sockets go (`device.pair.remove`). It may ask to be paired again. */
export async function unpair(
  deviceId: string,
  { devices, hub, log, audit, by }: Pairing,
): Promise<Result<Removed>> {
  if ((await devices.find(deviceId)) === undefined) return refuse("not_found", "unknown deviceId");
  const event = { actor: by, event: "device_unpaired", data: { device_id: deviceId } } as const;
  await audit.together(event, () => devices.remove(deviceId));
  log.info("device unpaired", { deviceId });
  // The caller may be that very device: its reply goes out first.
  setImmediate(() => {
    hub.closeWhere((view) => view.deviceId === deviceId, policyClose("device pairing removed"));
  });
  return ok({ deviceId, removed: true });
}
