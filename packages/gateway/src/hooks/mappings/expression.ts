import type { Json } from "@carapace/protocol";
import type { HookContext } from "./context.ts";

/** One `{{…}}` of a template, read (http.md §8.4). */
export type Expression =
  | { readonly kind: "path" | "now" | "payload" }
  | { readonly kind: "header" | "query"; readonly name: string }
  | { readonly kind: "value"; readonly steps: readonly Step[] };

type Step = string | number;

/** @returns undefined if it is none: two dots, an open bracket, an empty name */
export function readExpression(text: string): Expression | undefined {
  const expression = text.trim();
  if (expression === "path" || expression === "now" || expression === "payload") return { kind: expression };
  const [first = "", ...rest] = expression.split(".");
  const name = rest.join(".");
  if (first === "headers" && name !== "") return { kind: "header", name: name.toLowerCase() };
  if (first === "query" && name !== "") return { kind: "query", name };
  const steps = readSteps(first === "payload" && name !== "" ? name : withoutPayload(expression));
  return steps && { kind: "value", steps };
}

/** `payload[0].x` is `[0].x` of the payload. */
function withoutPayload(expression: string): string {
  return expression.startsWith("payload[") ? expression.slice("payload".length) : expression;
}

function readSteps(text: string): Step[] | undefined {
  const steps: Step[] = [];
  for (const [index, part] of text.split(".").entries()) {
    const match = /^([^[\]]*)((?:\[\d{1,9}\])*)$/.exec(part);
    if (match === null || part === "") return undefined;
    const [, name = "", indexes = ""] = match;
    // A list at the top has no name: `[0].id`.
    if (name.trim() === "" && (index > 0 || indexes === "")) return undefined;
    if (name !== "") steps.push(name.trim());
    steps.push(...[...indexes.matchAll(/\d+/g)].map(([digits]) => Number(digits)));
  }
  return steps;
}

/** The text an expression stands for; what is missing or null is empty. */
export function evaluate(expression: Expression, context: HookContext): string {
  switch (expression.kind) {
    case "path":
      return context.path;
    case "now":
      return new Date(context.nowMs).toISOString().replace(/\.\d+Z$/, "Z");
    case "header":
      return context.headers.get(expression.name) ?? "";
    case "query":
      return queryValue(context.query, expression.name);
    case "payload":
      return textOf(valueAt(context.payload, ["payload"]) ?? context.payload);
    case "value":
      return textOf(valueAt(context.payload, expression.steps));
  }
}

/** Only what the payload itself has: nothing an object inherits can be reached. */
function valueAt(value: Json, steps: readonly Step[]): Json | undefined {
  let node: Json | undefined = value;
  for (const step of steps) {
    if (Array.isArray(node)) node = typeof step === "number" ? node[step] : undefined;
    else if (isObject(node) && Object.hasOwn(node, step)) node = node[step];
    else return undefined;
  }
  return node;
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The first of that name, as it was sent. */
function queryValue(query: string, name: string): string {
  for (const part of query.replace(/^\?/, "").split("&")) {
    const at = part.indexOf("=");
    if ((at < 0 ? part : part.slice(0, at)) === name) return at < 0 ? "" : part.slice(at + 1);
  }
  return "";
}
