import { InboundEvents } from "../../messages/inbound-events.ts";
import type { SessionRow } from "../../sessions/row.ts";
import type { NewMessage } from "../../types.ts";
import type { PortableDeps } from "../deps.ts";
import type { ImportOptions, MessageBatch, PortableArchive, PortableProblem, SessionItem } from "../types.ts";
import type { ImportLog } from "./imports.ts";
import { isSourceFault, tolerant } from "./source-fault.ts";
import type { Tally } from "./tally.ts";

export interface SessionImport {
  readonly deps: PortableDeps;
  readonly imports: ImportLog;
  readonly options: ImportOptions;
  readonly tally: Tally;
  /** Keys of sessions this run took in: two files may claim the same. */
  readonly keys: Set<string>;
}

/** Takes in one session: its messages batch by batch, unseen; the session itself last, whole. */
export async function importSession(run: SessionImport, item: SessionItem): Promise<void> {
  const { deps, options, tally, keys } = run;
  const { path } = item.file;
  const verdict = deps.connection.read(() => judge(run, item));
  if (verdict.kind === "skipped") return tally.problem(problem(item, "skipped", verdict.say));
  if (verdict.kind === "unchanged") return tally.count("sessions", "unchanged");
  keys.add(item.session.key);
  try {
    if (options.dryRun === true) await rehearse(run, item);
    else await takeIn(run, item, verdict.replaces);
    tally.count("sessions", "imported");
  } catch (error) {
    if (options.dryRun !== true) deps.connection.write(() => dropUnfinished(deps, item.session.id));
    if (!isSourceFault(error) || options.signal?.aborted === true) throw error;
    tally.problem(problem(item, "corrupt", `${path} could not be read to its end: ${error.message}`));
  }
}

type Verdict =
  | { readonly kind: "import"; readonly replaces: readonly string[] }
  | { readonly kind: "unchanged" }
  | { readonly kind: "skipped"; readonly say: string };

function judge({ deps, imports, options, keys }: SessionImport, { file, session }: SessionItem): Verdict {
  const byId = deps.sessions.byId(session.id);
  const byKey = deps.sessions.byKey(session.key);
  const isKnown = imports.has(options.source, file);
  if (keys.has(session.key))
    return { kind: "skipped", say: "Another session of the source has the same key." };
  if (options.mode === "replace") {
    const isSame = isKnown && byId?.row.updatedAtMs === session.updatedAtMs && byId.damage === undefined;
    const replaced = [byId?.row.id, byKey?.row.id].filter((id) => id !== undefined);
    return isSame ? { kind: "unchanged" } : { kind: "import", replaces: [...new Set(replaced)] };
  }
  if (isKnown) return { kind: "unchanged" };
  if (byId !== undefined) {
    const before = imports.find(options.source, file.path);
    const say =
      before === undefined
        ? "A conversation with its id is here already."
        : "It changed since it was imported: delete the conversation here to import it anew.";
    return { kind: "skipped", say };
  }
  return byKey !== undefined
    ? { kind: "skipped", say: `The key "${session.key}" is in use by another conversation here.` }
    : { kind: "import", replaces: [] };
}

async function rehearse({ tally, options }: SessionImport, item: SessionItem): Promise<void> {
  for await (const batch of tolerant(item.messages())) {
    options.signal?.throwIfAborted();
    for (const one of batch.problems) tally.problem(one);
    tally.messages += batch.messages.length;
  }
  const { archive, problems } = await item.archive();
  for (const one of problems) tally.problem(one);
  if (archive !== undefined) tally.count("archives", "imported");
}

async function takeIn(run: SessionImport, item: SessionItem, replaces: readonly string[]): Promise<void> {
  const { deps, options, tally } = run;
  let row = deps.connection.write(() => {
    for (const id of replaces) removeSession(deps, id);
    dropUnfinished(deps, item.session.id);
    return emptySession(deps, item);
  });
  for await (const batch of tolerant(item.messages())) {
    options.signal?.throwIfAborted();
    row = deps.connection.write(() => appendBatch(run, item, { row, batch }));
    options.onProgress?.({ store: "sessions", path: item.file.path, messages: tally.messages });
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { archive, problems } = await item.archive();
  for (const one of problems) tally.problem(one);
  deps.connection.write(() => {
    const archived = archive === undefined ? undefined : storeArchive(deps, row, archive);
    const { compaction } = item;
    const fits = compaction !== undefined && compaction.throughSeq <= row.headSeq;
    const compactionMac = fits ? deps.compactions.store(row.id, compaction) : undefined;
    deps.sessions.insert({ ...row, archiveMac: archived, compactionMac });
    run.imports.save({
      source: options.source,
      ...item.file,
      store: "sessions",
      importedAtMs: options.nowMs(),
      integrity: item.integrity,
    });
  });
  if (archive !== undefined) tally.count("archives", "imported");
}

function emptySession(deps: PortableDeps, { session }: SessionItem): SessionRow {
  const { id, key, status, metadata, createdAtMs, updatedAtMs } = session;
  const generation = deps.newId();
  return {
    id,
    key,
    status,
    metadata,
    generation,
    headSeq: 0,
    headMac: deps.messages.genesis({ id, generation }),
    openRuns: deps.runs.openMac(id),
    compactionMac: undefined,
    archiveMac: undefined,
    createdAtMs,
    updatedAtMs,
  };
}

function appendBatch(
  { deps, tally }: SessionImport,
  item: SessionItem,
  { row, batch }: { readonly row: SessionRow; readonly batch: MessageBatch },
): SessionRow {
  for (const one of batch.problems) tally.problem(one);
  const fresh = unique(batch.messages).filter(({ id }) => deps.messages.find(row.id, id) === undefined);
  const doubled = batch.messages.length - fresh.length;
  if (doubled > 0) {
    tally.note(problem(item, "note", `${doubled} messages are in the history twice; each is taken in once.`));
  }
  tally.messages += fresh.length;
  const events = new InboundEvents(deps);
  for (const event of batch.events) events.add(row.id, event);
  return deps.messages.append(row, fresh).session;
}

function unique(messages: readonly NewMessage[]): NewMessage[] {
  const byId = new Map<string, NewMessage>();
  for (const message of messages) if (!byId.has(message.id)) byId.set(message.id, message);
  return [...byId.values()];
}

function storeArchive(deps: PortableDeps, row: SessionRow, archive: PortableArchive): Uint8Array {
  const placed = unique(archive.messages).map((message, at) => ({
    ...message,
    sessionId: row.id,
    seq: at + 1,
  }));
  return deps.archives.store(row, placed, archive.archivedAtMs).mac;
}

/** What a run that was cut off left of a session that never came to be. */
export function dropUnfinished(deps: PortableDeps, id: string): void {
  if (deps.sessions.byId(id) !== undefined) return;
  deps.messages.clear(id);
  new InboundEvents(deps).clear(id);
}

function removeSession(deps: PortableDeps, id: string): void {
  const found = deps.sessions.byId(id);
  if (found === undefined) return;
  deps.writer.emptied(found.row);
  deps.runs.removeOfSession(id);
  deps.archives.remove(id);
  new InboundEvents(deps).clear(id);
  deps.sessions.remove(found.row);
}

function problem({ file }: SessionItem, state: PortableProblem["state"], say: string): PortableProblem {
  return { kind: "problem", state, store: "sessions", path: file.path, say };
}
