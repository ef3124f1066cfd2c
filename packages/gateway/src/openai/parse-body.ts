import type { z } from "zod";
import { readJson } from "../http/read-json.ts";
import { invalid } from "./errors.ts";
import type { Read } from "./question/types.ts";

/** Deeper or larger than any real request; refused before anything walks it. */
const maxDepth = 64;
const maxNodes = 50_000;

/** Reads a request's body: JSON of a bounded shape that fits the schema. Never throws. */
export function parseBody<S extends z.ZodType>(text: string, schema: S): Read<z.output<S>> {
  const read = readJson(text, { maxDepth });
  if (!read.ok) return { ok: false, error: invalid(read.say) };
  const { value } = read;
  if (countNodes(value) > maxNodes) return refuse(`more than ${maxNodes} values`);
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue?.path.map(String).join(".") ?? "";
  return refuse(`${path === "" ? "body" : path}: ${issue?.message ?? "wrong form"}`, path);
}

function refuse(why: string, param = ""): { ok: false; error: ReturnType<typeof invalid> } {
  const message = `Invalid JSON: ${why}`.slice(0, 500);
  return { ok: false, error: param === "" ? invalid(message) : invalid(message, param.slice(0, 200)) };
}

/** Values in it, up to one more than may be. */
function countNodes(root: unknown): number {
  let count = 0;
  const open: unknown[] = [root];
  while (open.length > 0 && count <= maxNodes) {
    const value = open.pop();
    count += 1;
    if (typeof value !== "object" || value === null) continue;
    const inner = Array.isArray(value) ? value : Object.values(value);
    if (inner.length > maxNodes) return inner.length;
    for (const item of inner) open.push(item);
  }
  return count;
}
