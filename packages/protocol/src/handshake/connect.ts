import { z } from "zod";
import { bounded } from "../bounded.ts";
import { Bool, Text, Texts } from "../scalars.ts";
import { protocolRange } from "../version.ts";
import { ClientId, ClientMode } from "./clients.ts";

/** An optional field: `null` counts as absent, any other wrong type is refused (websocket.md §3.1). */
function maybe<T extends z.ZodType>(schema: T) {
  return z
    .optional(z.nullable(schema))
    .transform((value): z.output<T> | undefined => value ?? undefined)
    .optional();
}

const NonBlank = z.string().regex(/\S/);
const maybeText = maybe(Text);
/** Entries of a list, or of the map of permissions, and characters of each: far more than any client sends. */
const bounds = { maxItems: 256, maxChars: 256 } as const;
const maybeTexts = bounded(maybe(Texts), bounds, "list too long").optional();
const protocolNumber = z.int().min(1).max(0xffff_ffff);

/** Who connects (websocket.md §3.1). */
export const ConnectClient = z.object({
  id: ClientId,
  mode: ClientMode,
  version: NonBlank,
  platform: NonBlank,
  displayName: maybeText,
  deviceFamily: maybeText,
  modelIdentifier: maybeText,
  instanceId: maybeText,
});
export type ConnectClient = z.infer<typeof ConnectClient>;

/** The proof that the client holds a device key (websocket.md §6). */
export const ConnectDevice = z.object({
  id: Text,
  publicKey: Text,
  signature: Text,
  /** Unix ms. */
  signedAt: z.int(),
  nonce: maybeText,
});
export type ConnectDevice = z.infer<typeof ConnectDevice>;

/** Credentials; only here, never in the URL. `deviceToken` is OpenClaw's second place for a device token. */
export const ConnectAuth = z.object({
  token: maybeText,
  password: maybeText,
  deviceToken: maybeText,
});
export type ConnectAuth = z.infer<typeof ConnectAuth>;

/** Params of `connect` (websocket.md §3.1). Unknown fields pass at every level. */
export const ConnectParams = z.object({
  minProtocol: protocolNumber,
  maxProtocol: protocolNumber,
  client: ConnectClient,
  /** `operator` or `node`; checked after the protocol, with an answer of its own. */
  role: maybeText,
  scopes: maybeTexts,
  device: maybe(ConnectDevice),
  auth: maybe(ConnectAuth),
  caps: maybeTexts,
  commands: maybeTexts,
  permissions: bounded(maybe(z.record(Text, Bool)), bounds, "too many permissions").optional(),
  pathEnv: maybeText,
  locale: maybeText,
  userAgent: maybeText,
});
export type ConnectParams = z.infer<typeof ConnectParams>;
/** The same as a client writes them. */
export type ConnectRequest = z.input<typeof ConnectParams>;

export const ConnectionRole = z.enum(["operator", "node"]);
export type ConnectionRole = z.infer<typeof ConnectionRole>;

/** The scopes a connection asks for, defaulted as they are signed (websocket.md §3.1, §6). */
export function requestedScopes(
  role: ConnectionRole,
  scopes: readonly string[] | undefined,
): readonly string[] {
  if (scopes !== undefined && scopes.length > 0) return scopes;
  return role === "operator" ? ["operator.admin"] : [];
}

/** The highest protocol both sides speak; undefined if there is none. */
export function negotiateProtocol(range: { minProtocol: number; maxProtocol: number }): number | undefined {
  const highest = Math.min(range.maxProtocol, protocolRange.max);
  return highest >= Math.max(range.minProtocol, protocolRange.min) ? highest : undefined;
}
