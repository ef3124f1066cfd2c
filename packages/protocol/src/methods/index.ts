import type { z } from "zod";
import { isKnownMethod, type KnownMethod, methodAccess } from "../access.ts";
import { ok, type Result, refuse } from "../failures.ts";
import { isRecord } from "../json.ts";
import { auditMethods } from "./audit.ts";
import { catalogMethods } from "./catalog.ts";
import { chatMethods } from "./chat.ts";
import { configMethods } from "./config.ts";
import { cronMethods } from "./cron.ts";
import { deviceMethods } from "./devices.ts";
import { healthMethods } from "./health.ts";
import { hookMethods } from "./hooks.ts";
import { outboxMethods } from "./outbox.ts";
import { presenceMethods } from "./presence.ts";
import { sessionArchiveMethods } from "./session-archives.ts";
import { sessionMethods } from "./sessions.ts";
import { usageMethods } from "./usage.ts";

/** Every method available in this version, with its contract: the table dispatch, clients, docs and tests walk. */
export const methodContracts = {
  ...healthMethods,
  ...presenceMethods,
  ...catalogMethods,
  ...outboxMethods,
  ...chatMethods,
  ...sessionMethods,
  ...sessionArchiveMethods,
  ...configMethods,
  ...cronMethods,
  ...deviceMethods,
  ...usageMethods,
  ...auditMethods,
  ...hookMethods,
};

export type MethodName = keyof typeof methodContracts;
/** Params as a handler gets them: parsed, defaults filled in. */
export type MethodParams<M extends MethodName> = z.output<(typeof methodContracts)[M]["params"]>;
/** Params as a caller writes them. */
export type MethodInput<M extends MethodName> = z.input<(typeof methodContracts)[M]["params"]>;
export type MethodResult<M extends MethodName> = z.output<(typeof methodContracts)[M]["result"]>;

/** Methods of the contract that later versions bring; a call is refused with `not_in_this_version`. */
export type LaterMethod = Exclude<KnownMethod, MethodName>;
export const laterMethods: readonly LaterMethod[] = Object.keys(methodAccess).filter(isLaterMethod);

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(methodContracts, name);
}

function isLaterMethod(name: string): name is LaterMethod {
  return isKnownMethod(name) && !isMethodName(name);
}

/**
 * Reads a call's params (websocket.md, *Notation*): anything but an object counts as none, unknown ones are dropped.
 * @returns the params, or `invalid_request` with the first fault found; never throws.
 */
export function readParams<M extends MethodName>(method: M, raw: unknown): Result<MethodParams<M>> {
  const schema: z.ZodType<MethodParams<M>> = paramsSchema(method);
  const read = schema.safeParse(isRecord(raw) ? raw : {});
  if (read.success) return ok(read.data);
  return refuse("invalid_request", read.error.issues[0]?.message ?? "invalid params");
}

/** Reads what a gateway answered to a call. @returns undefined if it is not of the method's shape. */
export function readResult<M extends MethodName>(method: M, raw: unknown): MethodResult<M> | undefined {
  return resultSchema(method).safeParse(raw).data;
}

// The table's entries are tied to their names by its type; TypeScript cannot see that through a type parameter.
function paramsSchema<M extends MethodName>(method: M): z.ZodType<MethodParams<M>> {
  return methodContracts[method].params as unknown as z.ZodType<MethodParams<M>>;
}

function resultSchema<M extends MethodName>(method: M): z.ZodType<MethodResult<M>> {
  return methodContracts[method].result as unknown as z.ZodType<MethodResult<M>>;
}
