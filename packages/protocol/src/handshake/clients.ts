import { z } from "zod";

/** Client ids of the reference's family (websocket.md §3.1). */
const carapaceClients = [
  "webchat-ui",
  "carapace-control-ui",
  "webchat",
  "cli",
  "gateway-client",
  "carapace-macos",
  "carapace-ios",
  "carapace-android",
  "node-host",
  "test",
  "fingerprint",
  "carapace-probe",
] as const;

/** Client ids only OpenClaw's clients use (protocol 4). */
const openclawClients = [
  "openclaw-control-ui",
  "openclaw-browser-copilot",
  "openclaw-tui",
  "openclaw-macos",
  "openclaw-linux",
  "openclaw-ios",
  "openclaw-watchos",
  "openclaw-android",
  "openclaw-worker",
  "openclaw-probe",
] as const;

/** The programs that may connect, by the id they give. */
export const ClientId = z.enum([...carapaceClients, ...openclawClients]);
export type ClientId = z.infer<typeof ClientId>;

/** What kind of program it is; `worker` is OpenClaw's only. */
export const ClientMode = z.enum(["webchat", "cli", "ui", "backend", "node", "worker", "probe", "test"]);
export type ClientMode = z.infer<typeof ClientMode>;

/** True for the control page of either family, to which `gateway.controlUi.*` applies (websocket.md §5). */
export function isControlUi(id: ClientId): boolean {
  return id === "carapace-control-ui" || id === "openclaw-control-ui";
}
