import type { z } from "zod";
import { lazily } from "../lazily.ts";

type Makers = Readonly<Record<string, () => z.ZodType>>;
type Made<T extends Makers> = { readonly [K in keyof T]: ReturnType<T[K]> };

/** A family of HTTP bodies. Each schema is built when it is first read: a start needs none of them. */
export function schemas<const T extends Makers>(makers: T): Made<T> {
  // Each entry is made by its own maker; only the helper's type cannot say so.
  return lazily({}, makers) as Made<T>;
}
