import { createHash } from "node:crypto";
import type { PortableItem } from "../types.ts";
import type { ImportRecord } from "./imports.ts";
import type { SessionImport } from "./session.ts";
import { tolerant } from "./source-fault.ts";

type AuditItem = Extract<PortableItem, { kind: "audit" }>;

/** A log grows, and changes its name once it is full (state.md §9). */
const paths = ["audit.jsonl", "audit.jsonl.1"] as const;

/** Takes over the lines of the reference's audit log that were not taken over yet. */
export async function importAudit(run: SessionImport, item: AuditItem): Promise<void> {
  const { deps, imports, options, tally } = run;
  const known = await knownLines(run, item);
  const name = `${options.source}/${item.file.path}`;
  const hash = createHash("sha256");
  let count = 0;
  for await (const lines of tolerant(item.lines())) {
    options.signal?.throwIfAborted();
    const fresh = lines.slice(Math.max(0, known - count));
    for (const line of lines) hash.update(`${line}\n`);
    count += lines.length;
    const added = options.dryRun === true ? fresh.length : await deps.log.appendForeign(fresh, name);
    tally.count("audit", "imported", added);
    tally.count("audit", "unchanged", lines.length - added);
  }
  if (options.dryRun === true) return;
  const record: ImportRecord = {
    source: options.source,
    ...item.file,
    store: "audit",
    importedAtMs: options.nowMs(),
    lines: { count, sha256: hash.digest("hex") },
  };
  deps.connection.write(() => imports.save(record));
}

/** With how many lines the log begins that an earlier import took over. */
async function knownLines({ deps, imports, options }: SessionImport, item: AuditItem): Promise<number> {
  const earlier = deps.connection.read(() => paths.map((path) => imports.find(options.source, path)?.lines));
  const counts = new Map(
    earlier.flatMap((one) => (one === undefined ? [] : ([[one.count, one.sha256]] as const))),
  );
  const hash = createHash("sha256");
  let count = 0;
  let known = 0;
  for await (const lines of tolerant(item.lines())) {
    for (const line of lines) {
      hash.update(`${line}\n`);
      const expected = counts.get(++count);
      if (expected !== undefined && hash.copy().digest("hex") === expected) known = count;
    }
  }
  return known;
}
