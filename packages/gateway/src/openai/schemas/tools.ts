import { JsonValue, once } from "@carapace/protocol";
import { z } from "zod";

const name = () =>
  z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "a tool's name has 1 to 64 letters, digits, _ and -");

const parameters = () => z.record(z.string(), JsonValue).nullish();

const facts = () => ({
  name: name(),
  description: z.string().nullish(),
  parameters: parameters(),
  strict: z.boolean().nullish(),
});

/** A tool of the client's own: its facts in an object of their own (chat), or beside the type (responses). */
export const tool = once(() =>
  z.union([
    z
      .object({ type: z.literal("function"), function: z.object(facts()) })
      .transform((tool) => ({ ...tool.function, isNested: true })),
    z.object({ type: z.literal("function"), ...facts() }).transform((tool) => ({ ...tool, isNested: false })),
  ]),
);
export type Tool = z.infer<ReturnType<typeof tool>>;

/** Which of them must, or may not, be called. */
export const toolChoice = once(() =>
  z.union([
    z.enum(["auto", "none", "required"]),
    z
      .object({ type: z.literal("function"), function: z.object({ name: z.string() }) })
      .transform((choice) => ({ name: choice.function.name })),
    z.object({ type: z.literal("function"), name: z.string() }).transform(({ name }) => ({ name })),
  ]),
);
export type ToolChoice = z.infer<ReturnType<typeof toolChoice>>;

/** What a JSON reply has to look like. */
export const jsonSchemaFormat = once(() =>
  z.object({
    name: z.string().max(64).optional(),
    description: z.string().nullish(),
    schema: z.record(z.string(), JsonValue).nullish(),
    strict: z.boolean().nullish(),
  }),
);
export type JsonSchemaFormat = z.infer<ReturnType<typeof jsonSchemaFormat>>;
