import { z } from "zod";
import { isRecord } from "./json.ts";

/** What a list, or a map, of a stranger may hold. */
export interface Bounds {
  readonly maxItems: number;
  /** Characters of each text in a list. */
  readonly maxChars: number;
}

/**
 * Refuses a list or a map that is too long before the schema looks at its items: a schema finds a fault for each of
 * them, which makes a small frame expensive.
 * @param say The sentence of the refusal.
 */
export function bounded<T extends z.ZodType>(schema: T, { maxItems, maxChars }: Bounds, say: string) {
  return z.preprocess((value: z.input<T>, context) => {
    if (isWithin(value, maxItems, maxChars)) return value;
    context.addIssue({ code: "custom", message: say });
    return z.NEVER;
  }, schema);
}

function isWithin(value: unknown, maxItems: number, maxChars: number): boolean {
  const fits = (text: unknown) => typeof text !== "string" || text.length <= maxChars;
  if (Array.isArray(value)) return value.length <= maxItems && value.every(fits);
  if (!isRecord(value)) return true;
  const names = Object.keys(value);
  return names.length <= maxItems && names.every(fits);
}
