import { z } from "zod";
import type { KeyFacts } from "./kit.ts";

/** A schema without what wraps it (default, optional, transform), and the facts of all its layers. */
export interface Layered {
  readonly core: z.core.$ZodType;
  readonly facts: KeyFacts;
  /** The default as the file would have it; absent if there is none. */
  readonly fallback?: { readonly value: unknown };
}

/** Takes the wrappers off a schema; outer facts win over inner ones. */
export function unwrap(schema: z.core.$ZodType): Layered {
  let core = schema;
  let facts: KeyFacts = {};
  let fallback: { value: unknown } | undefined;
  for (;;) {
    facts = { ...factsOf(core), ...facts };
    if (core instanceof z.ZodDefault || core instanceof z.ZodPrefault)
      fallback ??= { value: core.def.defaultValue };
    const inner = innerOf(core);
    if (!inner) return fallback ? { core, facts, fallback } : { core, facts };
    core = inner;
  }
}

function factsOf(schema: z.core.$ZodType): KeyFacts {
  return schema instanceof z.ZodType ? (schema.meta() ?? {}) : {};
}

function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodPipe) return schema.def.in;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return schema.def.innerType;
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.def.innerType;
  return undefined;
}

/** What stands below one step of a path: a key of an object, an entry of a record, an item of a list. */
export function below(core: z.core.$ZodType, step: string | number): z.core.$ZodType | undefined {
  if (core instanceof z.ZodObject) {
    const shape: Readonly<Record<string, z.core.$ZodType>> = core.shape;
    if (typeof step === "string" && Object.hasOwn(shape, step)) return shape[step];
    return core.def.catchall;
  }
  if (core instanceof z.ZodRecord) return core.def.valueType;
  return core instanceof z.ZodArray ? core.def.element : undefined;
}

/** Facts along a path, from the outside in: what a section says holds for its keys unless they say otherwise. */
export interface Trail {
  readonly facts: KeyFacts;
  /** The outermost stand-in for a wrong value, and how many steps lead to it. */
  readonly fallback?: { readonly depth: number; readonly value: unknown };
  readonly core: z.core.$ZodType;
}

/** Follows a path from a root schema as far as the schema knows it. */
export function follow(root: z.core.$ZodType, path: readonly (string | number)[]): Trail {
  let { core, facts } = unwrap(root);
  let fallback: { depth: number; value: unknown } | undefined;
  for (const [index, step] of path.entries()) {
    const next = below(core, step);
    if (!next) break;
    const layer = unwrap(next);
    core = layer.core;
    if (!fallback && layer.facts.fallback !== undefined)
      fallback = { depth: index + 1, value: layer.facts.fallback };
    facts = inherit(facts, layer.facts);
  }
  return fallback ? { core, facts, fallback } : { core, facts };
}

/** Effect and severity come from the section unless the key has its own; the rest is the key's alone. */
export function inherit(section: KeyFacts, own: KeyFacts): KeyFacts {
  const { effect = section.effect, wrong = section.wrong, ...rest } = own;
  return { ...rest, ...(effect && { effect }), ...(wrong && { wrong }) };
}
