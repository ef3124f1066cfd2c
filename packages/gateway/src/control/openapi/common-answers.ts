import type { Route } from "../../http/route.ts";
import { type errorSchemas, familyFacts } from "./families.ts";
import type { JsonSchema } from "./schema-book.ts";

/** One answer of an operation. */
export function answer(description: string, content: JsonSchema = {}): JsonSchema {
  return { description, ...(Object.keys(content).length > 0 ? { content } : {}) };
}

/** What the pipeline answers in a route's stead (http.md §3, §4.6), by status. */
export function commonAnswers(
  { family, path }: Pick<Route, "family" | "path">,
  { isChange, hasBody }: { readonly isChange: boolean; readonly hasBody: boolean },
): Record<string, JsonSchema> {
  const { security, error, unauthorized = error } = familyFacts[family];
  const content = refTo(error);
  const isFromPage = isChange && path.startsWith("/control/");
  return {
    ...(security.length > 0
      ? { 401: answer("The credential is missing or wrong.", refTo(unauthorized)) }
      : {}),
    ...(isFromPage ? { 403: answer("The request comes from a foreign page.", refTo("CsrfError")) } : {}),
    ...(hasBody ? { 408: answer("The body took too long.", content) } : {}),
    ...(hasBody ? { 413: answer("The body is too large.", content) } : {}),
    ...(hasBody
      ? { 415: answer("A caller without a credential did not say that it sends JSON.", content) }
      : {}),
    429: {
      ...answer("Too many requests.", refTo("RateLimited")),
      headers: { "Retry-After": { description: "Seconds to wait.", schema: { type: "integer" } } },
    },
    500: answer("A fault of the gateway; its log says which, by `x-request-id`.", content),
    ...(family === "public" ? {} : { 503: answer("The gateway starts or stops.", content) }),
    504: answer("It took too long.", content),
  };
}

function refTo(name: keyof typeof errorSchemas | undefined): JsonSchema {
  return name === undefined
    ? {}
    : { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } };
}
