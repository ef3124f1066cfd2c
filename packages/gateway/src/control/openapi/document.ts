import type { Route } from "../../http/route.ts";
import { errorSchemas, securitySchemes } from "./families.ts";
import { operationsOf } from "./operations.ts";
import { createSchemaBook } from "./schema-book.ts";

/** An OpenAPI document, as far as its maker looks into it. */
export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly [field: string]: unknown;
}

const description =
  "The HTTP routes of a Carapace gateway. Errors carry a sentence for a person. Every answer has an `x-request-id`, " +
  "which the log knows too. Changes that a browser makes with a session cookie need the header `x-csrf-token`.";

/** Describes a route table as OpenAPI 3.1; sorted, so that the same table gives the same text. */
export function openApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const book = createSchemaBook();
  const paths = new Map<string, Record<string, unknown>>();
  for (const route of sorted(routes)) {
    const { path, operations } = operationsOf(route, book);
    paths.set(path, { ...paths.get(path), ...operations });
  }
  const tags = [...new Set(routes.map(({ doc }) => doc.tag))].sort();
  return {
    openapi: "3.1.0",
    info: {
      title: "Carapace gateway",
      version,
      description,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "The gateway that served this document" }],
    tags: tags.map((name) => ({ name })),
    paths: Object.fromEntries(paths),
    components: { securitySchemes, schemas: { ...errorSchemas, ...book.schemas() } },
  };
}

/** Of two routes for the same path and method the later counts, as in the table that is served. */
function sorted(routes: readonly Route[]): Route[] {
  const byName = new Map(routes.map((route) => [`${route.path} ${route.method}`, route]));
  return [...byName].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, route]) => route);
}
