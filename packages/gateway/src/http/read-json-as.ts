import { ok, type Result, refuse } from "@carapace/protocol";
import type { z } from "zod";
import { firstIssue } from "./first-issue.ts";
import { readJson } from "./read-json.ts";

/** Reads a body; a blank one is `{}`. Refuses what is not JSON, or does not fit, with its place. */
export function readJsonAs<T extends z.ZodType>(text: string, schema: T): Result<z.infer<T>> {
  const json = readJson(text.trim() === "" ? "{}" : text);
  if (!json.ok) return refuse("invalid_request", json.say);
  const read = schema.safeParse(json.value);
  return read.success ? ok(read.data) : refuse("invalid_request", `invalid body: ${firstIssue(read.error)}`);
}
