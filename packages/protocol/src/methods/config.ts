import { z } from "zod";
import { lenient, methods, optionalText, required } from "./contract.ts";

const ok = z.literal(true);
const AnyObject = z.record(z.string(), z.unknown());

/** A finding in the configuration: where, and what is wrong. */
export const ConfigIssue = z.object({ path: z.string(), message: z.string() });
export type ConfigIssue = z.infer<typeof ConfigIssue>;

/** What a reload did. */
const ReloadOutcome = z.object({
  mode: z.enum(["hot", "hybrid"]),
  warnings: z.array(z.string()),
  /** Changed keys in force now, and those that wait for a restart. */
  applied: z.array(z.string()).optional(),
  needsRestart: z.array(z.string()).optional(),
});

const ConfigGetResult = z.union([
  z.object({
    path: z.string(),
    exists: z.boolean(),
    raw: z.null(),
    parsed: z.unknown(),
    valid: z.boolean(),
    config: z.unknown(),
    hash: z.string().nullable(),
    issues: z.array(ConfigIssue),
    warnings: z.array(ConfigIssue),
  }),
  z.object({ key: z.string(), value: z.unknown() }),
]);

const WriteParams = z.object({ raw: required("raw"), baseHash: optionalText() });
const WriteResult = z.object({ ok, path: z.string(), config: z.unknown() });

/** Reading and writing the configuration, always redacted (websocket.md §12.5). */
export const configMethods = methods({
  "config.get": {
    access: "admin",
    summary: "Read the configuration, or one key of it",
    params: z.object({ key: optionalText() }),
    result: ConfigGetResult,
  },
  "config.set": {
    access: "admin",
    summary: "Replace the configuration file",
    params: WriteParams,
    result: WriteResult,
  },
  "config.apply": {
    access: "admin",
    summary: "Replace the configuration file and reload it",
    params: WriteParams,
    result: WriteResult.extend({
      /** Absent from gateways that leave the reload to their file watcher. */
      reload: z
        .union([ReloadOutcome.extend({ ok }), z.object({ ok: z.literal(false), message: z.string() })])
        .optional(),
    }),
  },
  "config.patch": {
    access: "admin",
    summary: "Merge a patch into the configuration file; null deletes",
    params: WriteParams,
    result: WriteResult,
  },
  "config.validate": {
    access: "admin",
    summary: "Check a configuration without writing it",
    params: z.object({ raw: lenient(z.string()), config: z.unknown().optional() }),
    result: z.object({
      ok,
      valid: z.literal(true),
      issues: z.array(ConfigIssue),
      warnings: z.array(ConfigIssue),
    }),
  },
  "config.schema": {
    access: "admin",
    summary: "Describe the configuration's keys as JSON Schema",
    params: z.object({}),
    result: z.object({
      $schema: z.string(),
      type: z.literal("object"),
      additionalProperties: z.boolean(),
      properties: AnyObject,
      knownKeys: z.array(z.string()),
    }),
  },
  "config.reload": {
    access: "admin",
    summary: "Read the configuration file again",
    params: z.object({}),
    result: ReloadOutcome.extend({ ok }),
  },
});
