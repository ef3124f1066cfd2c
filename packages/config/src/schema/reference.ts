import { z } from "zod";
import { ConfigSchema } from "./index.ts";
import type { Effect, KeyFacts } from "./kit.ts";
import { isLater } from "./later.ts";
import { inherit, unwrap } from "./shape.ts";

/** One key for the reference page. */
export interface ReferenceRow {
  /** `agents.list[].model`, `routes.<name>.model`. */
  readonly path: string;
  readonly type: string;
  /** As the file would have it; absent without one. */
  readonly default?: unknown;
  readonly description: string;
  /** When a change takes effect. */
  readonly effect: Effect | "later";
  readonly secret: boolean;
  /** Only an editor may change it and what stands below it, never a write over the wire or by the command. */
  readonly guarded: boolean;
}

/** Every key of the file, in the schema's order: the source of the generated reference page. */
export function referenceRows(): ReferenceRow[] {
  const rows: ReferenceRow[] = [];
  collect({ schema: ConfigSchema, path: "", section: {} }, rows);
  return rows;
}

interface Spot {
  readonly schema: z.core.$ZodType;
  readonly path: string;
  readonly section: KeyFacts;
}

function collect({ schema, path, section }: Spot, rows: ReferenceRow[]): void {
  const { core, facts: own, fallback } = unwrap(schema);
  const facts = inherit(section, own);
  const parts = partsOf(core, path);
  if (path !== "" && (parts.length === 0 || facts.description)) {
    const { effect: meant = "live", description = "", secret = false } = facts;
    const effect = isLater(stepsOf(path)) ? "later" : meant;
    const standing = parts.length === 0 && fallback ? { default: fallback.value } : {};
    rows.push({
      path,
      type: typeOf(core),
      ...standing,
      description,
      effect,
      secret,
      guarded: secret || facts.guarded === true,
    });
  }
  for (const part of parts) collect({ ...part, section: facts }, rows);
}

/** The steps of a path as rows write it: `agents.list[].model`, `routes.<name>.model`. */
function stepsOf(path: string): string[] {
  return path.replaceAll("[]", ".<index>").split(".");
}

function partsOf(core: z.core.$ZodType, path: string): { schema: z.core.$ZodType; path: string }[] {
  if (core instanceof z.ZodObject) {
    const shape: Readonly<Record<string, z.core.$ZodType>> = core.shape;
    return Object.entries(shape).map(([name, schema]) => ({
      schema,
      path: path === "" ? name : `${path}.${name}`,
    }));
  }
  if (core instanceof z.ZodRecord && (hasParts(core.valueType) || unwrap(core.valueType).facts.secret))
    return [{ schema: core.valueType, path: `${path}.<name>` }];
  if (core instanceof z.ZodArray && hasParts(core.element))
    return [{ schema: core.element, path: `${path}[]` }];
  return [];
}

function hasParts(schema: z.core.$ZodType): boolean {
  return unwrap(schema).core instanceof z.ZodObject;
}

function typeOf(core: z.core.$ZodType): string {
  if (core instanceof z.ZodEnum) return core.options.join(" | ");
  if (core instanceof z.ZodArray) return `list of ${typeOf(unwrap(core.element).core)}`;
  if (core instanceof z.ZodObject || core instanceof z.ZodRecord) return "object";
  if (core instanceof z.ZodBoolean) return "true | false";
  if (core instanceof z.ZodNumber) return core.isInt ? "whole number" : "number";
  return core instanceof z.ZodString ? "text" : "any";
}

/** The file's JSON Schema (draft 7): what `config.schema` answers and editors complete from. */
export function fileSchema(): Record<string, unknown> {
  const { effect: _effect, ...schema } = z.toJSONSchema(ConfigSchema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      for (const ours of ["wrong", "fallback", "expected"]) delete jsonSchema[ours];
    },
  });
  return { ...schema, additionalProperties: false, knownKeys: Object.keys(ConfigSchema.shape) };
}
