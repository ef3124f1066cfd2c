import { isRecord } from "@carapace/protocol";
import type { Route, RouteDoc } from "../../http/route.ts";
import { answer, commonAnswers } from "./common-answers.ts";
import { familyFacts } from "./families.ts";
import type { JsonSchema, SchemaBook } from "./schema-book.ts";

const methodsOfAny = ["delete", "get", "patch", "post", "put"] as const;

interface Operations {
  /** As OpenAPI writes it: `/control/tasks/{id}`. */
  readonly path: string;
  /** By method, in small letters. */
  readonly operations: Readonly<Record<string, unknown>>;
}

/** What a route does, for each of its methods. */
export function operationsOf(route: Route, book: SchemaBook): Operations {
  const { path, names } = templateOf(route.path);
  const methods = route.method === "ANY" ? methodsOfAny : [route.method.toLowerCase()];
  const operations = methods.map((method) => [method, operation({ route, method, names }, book)] as const);
  return { path, operations: Object.fromEntries(operations) };
}

interface Wanted {
  readonly route: Route;
  readonly method: string;
  /** Of the path's parameters. */
  readonly names: readonly string[];
}

function operation({ route, method, names }: Wanted, book: SchemaBook): JsonSchema {
  const { doc, family, maxBodyBytes } = route;
  const id = operationId(method, route.path);
  const parameters = [...names.map(pathParameter), ...queryParameters(doc, id, book)];
  const isChange = method !== "get";
  const hasBody = maxBodyBytes !== undefined && isChange;
  return {
    operationId: id,
    summary: doc.summary,
    tags: [doc.tag],
    security: familyFacts[family].security,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(hasBody ? { requestBody: bodyOf(doc, { id, maxBodyBytes }, book) } : {}),
    responses: { ...commonAnswers(route, { isChange, hasBody }), ...answersOf(doc, id, book) },
  };
}

/** `/a/:id` and `/a/*`, whose tail is called `path`. */
function templateOf(pattern: string): { path: string; names: string[] } {
  const names: string[] = [];
  const steps = pattern.split("/").map((step) => {
    if (!step.startsWith(":") && step !== "*") return step;
    const name = step === "*" ? "path" : step.slice(1);
    names.push(name);
    return `{${name}}`;
  });
  return { path: steps.join("/"), names };
}

/** `getControlConfig` */
function operationId(method: string, pattern: string): string {
  const words =
    pattern
      .replaceAll("*", "path")
      .replace(/\/$/, "/index")
      .match(/[A-Za-z0-9]+/g) ?? [];
  return method + words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
}

function pathParameter(name: string): JsonSchema {
  const more = name === "path" ? { description: "All that is left of the path; may hold slashes." } : {};
  return { name, in: "path", required: true, schema: { type: "string" }, ...more };
}

function queryParameters({ query }: RouteDoc, id: string, book: SchemaBook): JsonSchema[] {
  if (query === undefined) return [];
  const { properties, required } = book.describe(query, `${id}.Query`, "input");
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(isRecord(properties) ? properties : {}).map(([name, schema]) => ({
    ...{ name, in: "query", required: needed.includes(name), schema },
  }));
}

function bodyOf(
  { body }: RouteDoc,
  { id, maxBodyBytes }: { readonly id: string; readonly maxBodyBytes: number },
  book: SchemaBook,
): JsonSchema {
  const schema = body === undefined ? {} : book.describe(body, `${id}.Body`, "input");
  const isNeeded = body !== undefined && !body.safeParse({}).success;
  return {
    description: `At most ${maxBodyBytes} bytes.`,
    required: isNeeded,
    content: { "application/json": { schema } },
  };
}

function answersOf({ answers }: RouteDoc, id: string, book: SchemaBook): Record<string, JsonSchema> {
  const described = Object.entries(answers).map(([status, { say, schema, type }]) => {
    const inner = schema === undefined ? {} : book.describe(schema, `${id}.${status}`, "output");
    const media = schema === undefined ? type : (type ?? "application/json");
    return [status, answer(say, media === undefined ? {} : { [media]: { schema: inner } })] as const;
  });
  return Object.fromEntries(described);
}
