import { text, textColumns } from "../../database/row.ts";
import type { PortableDeps } from "../deps.ts";
import type { ImportOptions, ImportReport, PortableItem, PortableProblem, PortableStore } from "../types.ts";
import { importAudit } from "./audit.ts";
import { ImportLog } from "./imports.ts";
import { dropUnfinished, importSession, type SessionImport } from "./session.ts";
import { isSourceFault } from "./source-fault.ts";
import { type DocumentItem, type Incoming, recordsOf } from "./stores.ts";
import { Tally } from "./tally.ts";

type ItemOf<K extends PortableItem["kind"]> = Extract<PortableItem, { kind: K }>;

/**
 * Takes in what a source has (state.md §16). A crash in the middle leaves whole sessions and whole files; running it
 * again goes on where it ended, and adds nothing that was taken in already.
 * @throws StateError of the state; what the source cannot give is in the report
 */
export async function importItems(
  deps: PortableDeps,
  items: AsyncIterable<PortableItem>,
  options: ImportOptions,
): Promise<ImportReport> {
  const imports = new ImportLog(deps);
  const run: SessionImport = { deps, imports, options, tally: new Tally(), keys: new Set() };
  if (options.dryRun !== true) dropOrphans(deps);
  for await (const item of items) {
    options.signal?.throwIfAborted();
    await importItem(run, item);
    if (item.kind !== "problem") {
      const { path } = item.file;
      options.onProgress?.({ store: storeOf(item), path, messages: run.tally.messages });
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return run.tally.report();
}

async function importItem(run: SessionImport, item: PortableItem): Promise<void> {
  switch (item.kind) {
    case "problem":
      return run.tally.problem(item);
    case "session":
      return await importSession(run, item);
    case "memory":
      return await importNotes(run, item);
    case "audit":
      return await importLog(run, item);
    default:
      return importDocuments(run, item);
  }
}

async function importLog(run: SessionImport, item: ItemOf<"audit">): Promise<void> {
  try {
    await importAudit(run, item);
  } catch (error) {
    if (!isSourceFault(error) || run.options.signal?.aborted === true) throw error;
    const { path } = item.file;
    const say = `${path} could not be read to its end: ${error.message}`;
    run.tally.problem({ kind: "problem", state: "corrupt", store: "audit", path, say });
  }
}

function storeOf(item: Exclude<PortableItem, PortableProblem>): PortableStore {
  return item.kind === "session" ? "sessions" : item.kind;
}

/** One file, one transaction. */
function importDocuments(run: SessionImport, item: DocumentItem): void {
  const { deps, options, tally } = run;
  const judged = deps.connection.read(() => recordsOf(deps, item).map((record) => judge(run, item, record)));
  if (options.dryRun !== true) {
    deps.connection.write(() => {
      for (const { outcome, record } of judged) if (outcome === "imported") record.save();
      remember(run, item);
    });
  }
  for (const { outcome, record } of judged) {
    tally.count(item.kind, outcome);
    if (outcome === "skipped") tally.note(skipped(item, record.name));
  }
}

function judge({ imports, options }: SessionImport, item: DocumentItem, record: Incoming) {
  const isHere = record.isHere();
  if (isHere === "same") return { record, outcome: "unchanged" as const };
  if (isHere === "no") {
    // What was imported and is gone since was removed here, on purpose.
    const wasRemoved = options.mode === "add" && imports.has(options.source, item.file);
    return { record, outcome: wasRemoved ? ("unchanged" as const) : ("imported" as const) };
  }
  // Sums grow with their source: the later ones count.
  const isLater = item.kind === "usage" && imports.find(options.source, item.file.path) !== undefined;
  if (options.mode === "replace" || isLater) return { record, outcome: "imported" as const };
  const isOurs = imports.has(options.source, item.file);
  return { record, outcome: isOurs ? ("unchanged" as const) : ("skipped" as const) };
}

function skipped({ kind, file }: DocumentItem, name: string): PortableProblem {
  const say = `"${name}" is here already, and differs: the one here stays.`;
  return { kind: "problem", state: "skipped", store: kind, path: file.path, say };
}

// Agents' notes have a cap of their own, which their repository keeps.
async function importNotes(run: SessionImport, item: ItemOf<"memory">): Promise<void> {
  const { deps, imports, options, tally } = run;
  const wasImported = options.mode === "add" && imports.has(options.source, item.file);
  for (const note of item.notes) {
    options.signal?.throwIfAborted();
    const stored = await deps.memory.read(item.agentId, note.key);
    const isSame =
      stored?.value === note.value && (options.mode === "add" || Bun.deepEquals(stored.origin, note.origin));
    if (isSame || wasImported) tally.count("memory", "unchanged");
    else if (stored !== undefined && options.mode === "add") {
      tally.problem({
        ...noteProblem(item),
        say: `The note "${note.key}" is here already, and differs: the one here stays.`,
      });
    } else if (
      options.dryRun === true ||
      (await deps.memory.write(item.agentId, { updatedAtMs: options.nowMs(), ...note }))
    ) {
      tally.count("memory", "imported");
    } else
      tally.problem({
        ...noteProblem(item),
        say: `The note "${note.key}" does not fit: the agent has too many.`,
      });
  }
  if (options.dryRun !== true) deps.connection.write(() => remember(run, item));
}

function noteProblem({ file }: ItemOf<"memory">): Omit<PortableProblem, "say"> {
  return { kind: "problem", state: "skipped", store: "memory", path: file.path };
}

function remember(
  { imports, options }: SessionImport,
  { kind, file }: DocumentItem | ItemOf<"memory">,
): void {
  imports.save({ source: options.source, ...file, store: kind, importedAtMs: options.nowMs() });
}

/** Messages of sessions that an import left unfinished when its process died. Of a damaged database nothing is dropped. */
function dropOrphans(deps: PortableDeps): void {
  deps.connection.read(() => deps.seals.check("all"));
  if (deps.damage.list().length > 0) return;
  deps.connection.write(() => {
    for (const row of deps.connection.all(orphansSql)) dropUnfinished(deps, text(row, "session_id"));
  });
}

const orphansSql = `SELECT DISTINCT ${textColumns("m.session_id")} FROM messages m
  WHERE NOT EXISTS(SELECT 1 FROM sessions s WHERE s.id = m.session_id)`;
