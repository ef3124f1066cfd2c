import { z } from "zod";
import { Anything, Bool, MaybeAnything, NullableText, Text, Texts, True } from "../scalars.ts";
import { lenient, methods, NoParams, optionalText, required } from "./contract.ts";

const AnyObject = () => z.record(Text, Anything);

/** A finding in the configuration: where, and what is wrong. */
export const ConfigIssue = z.object({ path: Text, message: Text });
export type ConfigIssue = z.infer<typeof ConfigIssue>;

/** What a reload did. */
const ReloadOutcome = () =>
  z.object({
    mode: z.enum(["hot", "hybrid"]),
    warnings: Texts,
    /** Changed keys in force now, and those that wait for a restart. */
    applied: Texts.optional(),
    needsRestart: Texts.optional(),
  });

const ConfigGetResult = () =>
  z.union([
    z.object({
      path: Text,
      exists: Bool,
      raw: z.null(),
      parsed: Anything,
      valid: Bool,
      config: Anything,
      hash: NullableText,
      issues: z.array(ConfigIssue),
      warnings: z.array(ConfigIssue),
    }),
    z.object({ key: Text, value: Anything }),
  ]);

const WriteParams = () => z.object({ raw: required("raw"), baseHash: optionalText });
const WriteResult = () => z.object({ ok: True, path: Text, config: Anything });

/** Reading and writing the configuration, always redacted (websocket.md §12.5). */
export const configMethods = methods({
  "config.get": {
    access: "admin",
    summary: "Read the configuration, or one key of it",
    params: () =>
      z.object({
        key: optionalText.refine((key) => (key?.length ?? 0) <= 1024, "key must be at most 1024 characters"),
      }),
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
    result: () =>
      WriteResult().extend({
        /** Absent from gateways that leave the reload to their file watcher. */
        reload: z
          .union([ReloadOutcome().extend({ ok: True }), z.object({ ok: z.literal(false), message: Text })])
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
    params: () => z.object({ raw: lenient(Text), config: MaybeAnything }),
    result: () =>
      z.object({
        ok: True,
        valid: True,
        issues: z.array(ConfigIssue),
        warnings: z.array(ConfigIssue),
      }),
  },
  "config.schema": {
    access: "admin",
    summary: "Describe the configuration's keys as JSON Schema",
    params: NoParams,
    result: () =>
      z.object({
        $schema: Text,
        type: z.literal("object"),
        additionalProperties: Bool,
        properties: AnyObject(),
        knownKeys: Texts,
      }),
  },
  "config.reload": {
    access: "admin",
    summary: "Read the configuration file again",
    params: NoParams,
    result: () => ReloadOutcome().extend({ ok: True }),
  },
});
