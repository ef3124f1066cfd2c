import type { MethodResult } from "@carapace/protocol";
import { tableLines } from "../../output/table.ts";
import { fromNow } from "../../output/times.ts";

type Listed = MethodResult<"device.pair.list">;
/** A device that waits for approval. */
export type WaitingDevice = Listed["pending"][number];
/** A device that may connect. */
export type PairedDevice = Listed["paired"][number];

/** The devices that wait, with what they ask for. Pure. */
export function waitingTable(devices: readonly WaitingDevice[], nowMs: number): string {
  const rows = devices.map((device) => [
    device.requestId,
    nameOf(device),
    device.remoteIp ?? "-",
    fromNow(device.ts, nowMs),
    asked(device),
  ]);
  return tableLines(["REQUEST", "DEVICE", "FROM", "ASKED", "WANTS"], rows).join("\n");
}

/** The devices that may connect. Pure. */
export function pairedTable(devices: readonly PairedDevice[], nowMs: number): string {
  const rows = devices.map((device) => [
    device.deviceId.slice(0, shortLength),
    nameOf(device),
    device.lastSeenAtMs === null ? "never" : fromNow(device.lastSeenAtMs, nowMs),
    asked(device),
  ]);
  return tableLines(["DEVICE", "NAME", "SEEN", "MAY"], rows).join("\n");
}

/** So much of a device's id (64 hex characters) is shown, and is enough to name it. */
const shortLength = 12;

/** What a device is called, or what it is. */
export function nameOf(device: Pick<WaitingDevice, "displayName" | "clientId" | "platform">): string {
  const { displayName, clientId, platform } = device;
  return displayName ?? ([clientId, platform].filter((part) => part !== null).join(" on ") || "unnamed");
}

/** The scopes in words: `read, write`. */
export function asked({ roles, scopes }: Pick<WaitingDevice, "roles" | "scopes">): string {
  const words = scopes.map((scope) => scope.replace(/^operator\./, ""));
  return [...roles.filter((role) => role !== "operator"), ...words].join(", ") || "nothing";
}

/** The entries whose id is the given text or begins with it. */
export function named<T>(entries: readonly T[], id: string, idOf: (entry: T) => string): readonly T[] {
  const exact = entries.filter((entry) => idOf(entry) === id);
  return exact.length > 0 ? exact : entries.filter((entry) => id !== "" && idOf(entry).startsWith(id));
}
