import type { PortableProblem } from "../types.ts";
import type { SourceFiles } from "./files.ts";

/** Files that are known and not imported, and what becomes of them (state.md §16). */
const others: Readonly<Record<string, string>> = {
  "matrix/recovery_key": "Matrix keys stay where they are: log the device in again and use the recovery key.",
  "matrix/store_passphrase": "It belongs to the Matrix databases, which only their own program can open.",
  "matrix/inbound_dlq.jsonl": "Matrix messages that were never delivered stay where they are.",
  "plugins/plugins-manifest.json": "Plugins are not imported: install them again.",
};

export function* readOthers(files: SourceFiles): Generator<PortableProblem> {
  for (const [path, say] of Object.entries(others)) {
    if (files.has(path)) yield { kind: "problem", state: "skipped", store: "other", path, say };
  }
}
