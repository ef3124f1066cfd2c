import { isRecord } from "@carapace/protocol";
import { readJson } from "../http/read-json.ts";

/** A call as its body says it. */
export interface ToolRequest {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly sessionKey: string;
  readonly dryRun: boolean;
}

/** Pure. @returns what is wrong with the body, in words for its sender. */
export function readToolRequest(text: string): ToolRequest | { readonly wrong: string } {
  const read = readJson(text);
  if (!read.ok) return { wrong: read.say };
  const body = isRecord(read.value) ? read.value : {};
  const tool = typeof body["tool"] === "string" ? body["tool"].trim() : "";
  if (tool === "") return { wrong: "tools.invoke requires body.tool" };
  const { sessionKey = "main", dryRun = false, action } = body;
  if (typeof sessionKey !== "string" || sessionKey.length > 1024)
    return { wrong: "Invalid JSON: sessionKey must be a text of at most 1024 characters" };
  if (typeof dryRun !== "boolean") return { wrong: "Invalid JSON: dryRun must be true or false" };
  // Anything else counts as none, as callers of the reference expect (http.md §10).
  const args = isRecord(body["args"]) ? body["args"] : {};
  const named = typeof action === "string" ? { ...args, action } : args;
  return { tool, args: named, sessionKey: sessionKey.trim() || "main", dryRun };
}
