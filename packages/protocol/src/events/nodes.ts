import { z } from "zod";
import { Bool, MaybeNum, MaybeText, NullableText, Num, Text, Texts } from "../scalars.ts";

const strings = Texts.nullable();

/** A node that waits for approval (websocket.md §13.2). */
export const NodeRequest = z.object({
  requestId: Text,
  nodeId: Text,
  displayName: NullableText,
  platform: NullableText,
  version: NullableText,
  coreVersion: NullableText,
  uiVersion: NullableText,
  deviceFamily: NullableText,
  modelIdentifier: NullableText,
  caps: strings,
  commands: strings,
  permissions: z.record(Text, Bool).nullable(),
  remoteIp: NullableText,
  silent: Bool,
  isRepair: Bool,
  ts: Num,
});
export type NodeRequest = z.infer<typeof NodeRequest>;

/** A command for one node (websocket.md §10). */
export const NodeInvokeRequest = z.object({
  id: Text,
  nodeId: Text,
  command: Text,
  idempotencyKey: Text,
  paramsJSON: MaybeText,
  timeoutMs: MaybeNum,
});
export type NodeInvokeRequest = z.infer<typeof NodeInvokeRequest>;
