import { z } from "zod";
import { bounded } from "../bounded.ts";
import { lazily } from "../lazily.ts";
import { Texts } from "../scalars.ts";

/** Who may call a method (websocket.md §7): a scope an operator needs, or `node` for node connections only. */
export type MethodAccess = "read" | "write" | "admin" | "pairing" | "approvals" | "node";

/** One entry of the method table. `params` is lenient where the contract is: see {@link lenient}. */
export interface MethodContract<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly access: MethodAccess;
  /** One line for the generated reference. */
  readonly summary: string;
  readonly params: P;
  readonly result: R;
}

/** A contract as its family writes it. */
interface MethodSource {
  readonly access: MethodAccess;
  readonly summary: string;
  readonly params: () => z.ZodType;
  readonly result: () => z.ZodType;
}

type Contracts<T extends Record<string, MethodSource>> = {
  readonly [M in keyof T]: MethodContract<ReturnType<T[M]["params"]>, ReturnType<T[M]["result"]>>;
};

/**
 * Makes the contracts of a family. Schemas are built when they are first read: a start needs none of them, and a
 * gateway never one of a result.
 */
export function methods<const T extends Record<string, MethodSource>>(family: T): Contracts<T> {
  const made = Object.entries(family).map(([name, { access, summary, params, result }]) => [
    name,
    lazily({ access, summary }, { params, result }),
  ]);
  // Each entry is made of its own source; only the table's type cannot say so.
  return Object.fromEntries(made) as unknown as Contracts<T>;
}

/** An optional param: the wrong JSON type counts as absent (websocket.md, *Notation*). */
export function lenient<T extends z.ZodType>(schema: T): z.ZodCatch<z.ZodOptional<T>> {
  return schema.optional().catch(undefined);
}

/** An optional text: trimmed; blank or not a string counts as absent. */
export const optionalText = lenient(z.string().trim().min(1));

/** An optional list of up to 64 texts of up to 256 characters; more is refused, anything else counts as absent. */
export function optionalTexts(name: string) {
  const say = `${name} must be at most 64 texts of at most 256 characters`;
  return bounded(lenient(Texts), { maxItems: 64, maxChars: 256 }, say).optional();
}

/** An optional text that names something stored: trimmed; half a surrogate pair in it is refused. */
export function optionalKey(name: string) {
  return optionalText.refine((text) => text?.isWellFormed() ?? true, notWellFormed(name));
}

/** A required text that names something stored. */
export function requiredKey(name: string): z.ZodString {
  return required(name).refine((text) => text.isWellFormed(), notWellFormed(name));
}

/** The sentence for a name which the database could not tell from others. */
export function notWellFormed(name: string): string {
  return `${name} must be well-formed Unicode text`;
}

/** An optional flag that is on, or off, unless a boolean says otherwise. */
export const defaultTrue = z.boolean().catch(true).default(true);
export const defaultFalse = z.boolean().catch(false).default(false);

/** Params of a method that takes none. */
export const NoParams = () => z.object({});

/** A required text: missing, blank or not a string is refused with `<name> is required`. */
export function required(name: string): z.ZodString {
  return z.string({ error: `${name} is required` }).regex(/\S/, `${name} is required`);
}

/** A whole number clamped into a range; absent or ill-typed gives `fallback`. */
export function clamped(fallback: number, min: number, max: number) {
  return z
    .number()
    .catch(fallback)
    .default(fallback)
    .transform((value) => Math.min(max, Math.max(min, Math.trunc(value))));
}
