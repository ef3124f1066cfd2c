import { z } from "zod";
import { type Secret, secretOf } from "../secret.ts";

/** When a changed key takes effect: at once, with the next provider rebuild, after a restart, or never. */
export type Effect = "live" | "provider" | "restart" | "inert";

/** What a key says about itself, beside its type and default. Containers carry it too, and hand it down. */
export interface KeyFacts {
  readonly description?: string | undefined;
  readonly effect?: Effect;
  /** Redacted wherever it is shown, sealed when written. */
  readonly secret?: true;
  /** No write through WebSocket, HTTP or the command may change it or what stands below it; every secret is so. */
  readonly guarded?: true;
  /** How bad a wrong value is; `warning` unless told (config.md §8). */
  readonly wrong?: "error" | "warning";
  /** What stands in for a wrong value, where the default would be the less safe choice. */
  readonly fallback?: unknown;
  /** What the value must be, for the sentence that refuses another. */
  readonly expected?: string;
}

declare module "zod" {
  interface GlobalMeta extends Notes {}
}

type Notes = Omit<KeyFacts, "description">;

/** Attaches facts to a schema, in place: a copy of each of some hundred schemas would cost at every start. */
export function key<S extends z.ZodType>(schema: S, description: string, notes: Notes = {}): S {
  z.globalRegistry.add(schema, { description, ...notes });
  return schema;
}

/** A fact for keys that say where secrets are sent, or who may call. */
export const guarded = { guarded: true } as const;

/** An optional text. */
export const text = (description: string, notes?: Notes) => key(z.string().optional(), description, notes);

/** A text with a default. */
export const textOr = (fallback: string, description: string, notes?: Notes) =>
  key(z.string().default(fallback), description, notes);

/** A switch. */
export const flag = (fallback: boolean, description: string, notes?: Notes) =>
  key(z.boolean().default(fallback), description, notes);

/** A whole number above zero. */
export const count = (fallback: number, description: string, notes?: Notes) =>
  key(z.int().positive().default(fallback), description, { expected: "a whole number above 0", ...notes });

/** A list of texts, empty unless set. */
export const texts = (description: string, notes?: Notes) =>
  key(z.array(z.string()).default([]), description, notes);

/** A text or null; a `Secret` in memory, absent if blank. A wrong type is an error. */
export const secret = (description: string, notes?: Notes) =>
  key(
    z
      .string()
      .nullish()
      .transform((value): Secret | undefined => secretOf(value)),
    description,
    { secret: true, wrong: "error", expected: "a text or null", ...notes },
  );

/** One of a few words. */
export function word<const W extends readonly [string, ...string[]]>(
  words: W,
  description: string,
  notes?: Notes,
) {
  return key(z.enum(words).optional(), description, { expected: `one of ${words.join(", ")}`, ...notes });
}

/** One of a few words, with a default. */
export function wordOr<const W extends readonly [string, ...string[]]>(
  words: W,
  fallback: NoInfer<W[number]>,
  notes: Notes & { readonly description: string },
) {
  const { description, ...rest } = notes;
  const schema: z.ZodDefault<z.ZodEnum<{ [K in W[number]]: K }>> = z.enum(words).default(fallback as never);
  return key(schema, description, { expected: `one of ${words.join(", ")}`, ...rest });
}

/** A section that is always there: its keys' defaults apply when it is absent. */
export function section<S extends z.ZodRawShape>(shape: S, description: string, notes?: Notes) {
  return key(z.object(shape).prefault({} as never), description, { expected: "an object", ...notes });
}

/** A section that is there only if the file has it. */
export function part<S extends z.ZodRawShape>(shape: S, description: string, notes?: Notes) {
  return key(z.object(shape).optional(), description, { expected: "an object", ...notes });
}

/** An object of entries by free name, empty unless set. */
export function named<S extends z.ZodType>(entry: S, description: string, notes?: Notes) {
  return key(z.record(z.string(), entry).default({}), description, { expected: "an object", ...notes });
}

/** A list of entries, empty unless set. */
export function listOf<S extends z.ZodType>(entry: S, description: string, notes?: Notes) {
  return key(z.array(entry).default([]), description, { expected: "a list", ...notes });
}
