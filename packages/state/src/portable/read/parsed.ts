import type { z } from "zod";
import type { PortableProblem } from "../types.ts";
import { isStorable } from "./message.ts";
import { corrupt, type SmallContext } from "./small.ts";

/** Records that could be read, and one problem for each that could not. */
export interface Parsed<T> {
  readonly records: readonly T[];
  readonly problems: readonly PortableProblem[];
}

interface RecordShape<T> {
  readonly schema: z.ZodType<T>;
  /** As in "a job". */
  readonly what: string;
  readonly idOf: (record: T) => string;
}

/** Reads a list record by record: one bad one does not cost the others; ids that are there twice, or cannot be kept, are bad. */
export function parseAll<T>(
  context: SmallContext,
  values: readonly unknown[],
  shape: RecordShape<T>,
): Parsed<T> {
  const records = new Map<string, T>();
  const problems: PortableProblem[] = [];
  for (const [index, value] of values.entries()) {
    const parsed = shape.schema.safeParse(value);
    const id = parsed.success ? shape.idOf(parsed.data) : "";
    const flaw = !parsed.success
      ? `is not ${shape.what}`
      : !isStorable(id)
        ? "has an id that cannot be kept"
        : records.has(id)
          ? "has the id of an earlier one"
          : undefined;
    if (flaw !== undefined) problems.push(corrupt(context, `Entry ${index + 1} ${flaw}.`));
    else if (parsed.success) records.set(id, parsed.data);
  }
  return { records: [...records.values()], problems };
}
