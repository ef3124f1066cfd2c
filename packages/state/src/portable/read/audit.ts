import { maxBytes } from "../paths.ts";
import type { PortableItem } from "../types.ts";
import type { SourceFiles } from "./files.ts";
import { linesOf } from "./lines.ts";

/** The older generation first (state.md §9). */
const paths = ["audit.jsonl.1", "audit.jsonl"] as const;
const maxLineBytes = 16 * 1024;
const batch = 500;

/** The audit trail, line by line; what a line says is judged by who takes it. */
export async function* readAudit(files: SourceFiles): AsyncGenerator<PortableItem> {
  for (const path of paths) {
    if (!files.has(path)) continue;
    const refused = files.refusal(path, maxBytes.audit, "audit");
    if (refused !== undefined) {
      yield refused;
      continue;
    }
    const { sha256 } = await files.fingerprint(path, maxBytes.audit, []);
    yield { kind: "audit", file: { path, sha256 }, lines: () => batches(files, path) };
  }
}

async function* batches(files: SourceFiles, path: string): AsyncGenerator<readonly string[]> {
  let lines: string[] = [];
  for await (const { text } of linesOf(files.open(path, maxBytes.audit), maxLineBytes)) {
    if (text === undefined) continue;
    lines.push(text);
    if (lines.length < batch) continue;
    yield lines;
    lines = [];
  }
  if (lines.length > 0) yield lines;
}
