import { z } from "zod";

// Shared, because a schema object takes some microseconds to make and the tables hold hundreds of fields.
export const Text = z.string();
export const Num = z.number();
export const Bool = z.boolean();
export const Texts = z.array(Text);
/** Always present, may be null: `x~` of websocket.md. */
export const NullableText = Text.nullable();
export const NullableNum = Num.nullable();
export const MaybeText = Text.optional();
export const MaybeNum = Num.optional();
export const Anything = z.unknown();
export const MaybeAnything = Anything.optional();
export const True = z.literal(true);
