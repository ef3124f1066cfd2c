import { z } from "zod";

/** One exchange of an HTTP trace (`golden-trace-v1`, http.md §18.1). */
export const HttpScenario = z.object({
  name: z.string(),
  config: z.record(z.string(), z.unknown()).optional(),
  request: z.object({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.unknown().optional(),
    body_raw: z.string().optional(),
  }),
  response: z.object({
    status: z.number(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().optional(),
    body_pattern: z.string().optional(),
    body_contains: z.array(z.string()).optional(),
    body_schema: z.unknown().optional(),
  }),
});
export type HttpScenario = z.infer<typeof HttpScenario>;

const Named = z.looseObject({ name: z.string() });

/** The scenarios of a file: every list whose key ends in `scenarios`. */
export function scenariosOf(file: unknown): HttpScenario[] {
  return listsOf(file).flatMap((list) => z.array(HttpScenario).parse(list));
}

/** Their names alone, of whatever form they are. */
export function namesOf(file: unknown): string[] {
  return listsOf(file).flatMap((list) =>
    z
      .array(Named)
      .parse(list)
      .map(({ name }) => name),
  );
}

function listsOf(file: unknown): unknown[] {
  return Object.entries(z.looseObject({}).parse(file))
    .filter(([key]) => key.endsWith("scenarios"))
    .map(([, list]) => list);
}
