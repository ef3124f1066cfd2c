import { JsonValue } from "@carapace/protocol";
import { z } from "zod";

const Name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "a tool's name has 1 to 64 letters, digits, _ and -");

const Parameters = z.record(z.string(), JsonValue).nullish();

const Facts = {
  name: Name,
  description: z.string().nullish(),
  parameters: Parameters,
  strict: z.boolean().nullish(),
};

/** A tool of the client's own: its facts in an object of their own (chat), or beside the type (responses). */
export const Tool = z.union([
  z
    .object({ type: z.literal("function"), function: z.object(Facts) })
    .transform((tool) => ({ ...tool.function, isNested: true })),
  z.object({ type: z.literal("function"), ...Facts }).transform((tool) => ({ ...tool, isNested: false })),
]);
export type Tool = z.infer<typeof Tool>;

/** Which of them must, or may not, be called. */
export const ToolChoice = z.union([
  z.enum(["auto", "none", "required"]),
  z
    .object({ type: z.literal("function"), function: z.object({ name: z.string() }) })
    .transform((choice) => ({ name: choice.function.name })),
  z.object({ type: z.literal("function"), name: z.string() }).transform(({ name }) => ({ name })),
]);
export type ToolChoice = z.infer<typeof ToolChoice>;

/** What a JSON reply has to look like. */
export const JsonSchemaFormat = z.object({
  name: z.string().max(64).optional(),
  description: z.string().nullish(),
  schema: z.record(z.string(), JsonValue).nullish(),
  strict: z.boolean().nullish(),
});
