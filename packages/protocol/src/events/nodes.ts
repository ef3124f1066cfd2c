import { z } from "zod";

const nullable = z.string().nullable();
const strings = z.array(z.string()).nullable();

/** A node that waits for approval (websocket.md §13.2). */
export const NodeRequest = z.object({
  requestId: z.string(),
  nodeId: z.string(),
  displayName: nullable,
  platform: nullable,
  version: nullable,
  coreVersion: nullable,
  uiVersion: nullable,
  deviceFamily: nullable,
  modelIdentifier: nullable,
  caps: strings,
  commands: strings,
  permissions: z.record(z.string(), z.boolean()).nullable(),
  remoteIp: nullable,
  silent: z.boolean(),
  isRepair: z.boolean(),
  ts: z.number(),
});
export type NodeRequest = z.infer<typeof NodeRequest>;

/** A command for one node (websocket.md §10). */
export const NodeInvokeRequest = z.object({
  id: z.string(),
  nodeId: z.string(),
  command: z.string(),
  idempotencyKey: z.string(),
  paramsJSON: z.string().optional(),
  timeoutMs: z.number().optional(),
});
export type NodeInvokeRequest = z.infer<typeof NodeInvokeRequest>;
