import type { MethodResult, OperatorAccess } from "@carapace/protocol";
import { cleanLine } from "../../output/clean.ts";
import { shortened, tableLines } from "../../output/table.ts";
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

/** Longest name that is shown, in characters. */
const maxName = 40;

/** What a device calls itself, or says that it is: short, and without the gaps that columns and lines have. */
export function nameOf(device: Pick<WaitingDevice, "displayName" | "clientId" | "platform">): string {
  const { displayName, clientId, platform } = device;
  const made = [clientId, platform].filter((part) => part !== null).join(" on ");
  const name = [displayName ?? "", made].map(oneGap).find((text) => text !== "") ?? "unnamed";
  return shortened(name, maxName);
}

function oneGap(text: string): string {
  return cleanLine(text.slice(0, maxName * 8))
    .replace(/[\s\p{Zs}\u115f\u1160\u2800\u3164\uffa0]+/gu, " ")
    .trim();
}

const rights = [
  "read",
  "write",
  "admin",
  "pairing",
  "approvals",
] as const satisfies readonly OperatorAccess[];

/** The scopes in words: `read, write`. What is no scope gives no right, and is not shown: it would only hide the others. */
export function asked({ roles, scopes }: Pick<WaitingDevice, "roles" | "scopes">): string {
  const isAll = scopes.includes("operator.*");
  const words = rights.filter(
    (right) => scopes.includes(`operator.${right}`) || (right === "admin" && isAll),
  );
  return [...roles.filter((role) => role !== "operator").map(oneGap), ...words].join(", ") || "nothing";
}

/** A device that waits, line by line: a name that says where it is from is not beside where it is from. Pure. */
export function waitingLines(device: WaitingDevice): string {
  return [
    `Device:  ${nameOf(device)}`,
    `From:    ${device.remoteIp ?? "an unknown address"}`,
    `Key:     ${device.deviceId}`,
    `May:     ${asked(device)}`,
  ].join("\n");
}

/** The entries whose id is the given text or begins with it. */
export function named<T>(entries: readonly T[], id: string, idOf: (entry: T) => string): readonly T[] {
  const exact = entries.filter((entry) => idOf(entry) === id);
  return exact.length > 0 ? exact : entries.filter((entry) => id !== "" && idOf(entry).startsWith(id));
}
