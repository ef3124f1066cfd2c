import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { type DiskSteps, systemSteps } from "@carapace/files";
import { createAnswers } from "./answers/answers.ts";
import { ArchiveTable } from "./archives/archives.ts";
import type { Redact } from "./audit/entry.ts";
import { createAuditLog } from "./audit/log.ts";
import { createCron } from "./cron/jobs.ts";
import { createCronRuns } from "./cron/runs.ts";
import type { Connection } from "./database/connection.ts";
import { migrate, readSchemaVersion } from "./database/migrations.ts";
import { checkFiles, createDatabase, openDatabase } from "./database/open.ts";
import { checkSchema } from "./database/schema-digest.ts";
import { createDevices } from "./devices/devices.ts";
import { prepareDirectory } from "./directory.ts";
import { StateError } from "./errors.ts";
import { createHookDeliveries } from "./hook-deliveries/hook-deliveries.ts";
import { DamageLog } from "./integrity/damage.ts";
import { createMacs } from "./integrity/macs.ts";
import type { SealedDeps } from "./integrity/sealed.ts";
import { Seals } from "./integrity/seals.ts";
import { type VerifyDeps, verifyState } from "./integrity/verify.ts";
import { deriveKeys, type StateKeys } from "./keys/derive.ts";
import { MediaFiles } from "./media/files.ts";
import { createMedia } from "./media/media.ts";
import { createMemory } from "./memory/memory.ts";
import { CompactionTable } from "./messages/compactions.ts";
import { MessageTable } from "./messages/table.ts";
import { createOutbox } from "./outbox/outbox.ts";
import { OutboxTable } from "./outbox/table.ts";
import { finishPendingChange } from "./pending.ts";
import { createPortable } from "./portable/repository.ts";
import { createProfiles } from "./profiles/profiles.ts";
import { createApprovals } from "./registries/approvals.ts";
import { createGateways } from "./registries/gateways.ts";
import { createNodes } from "./registries/nodes.ts";
import { createResponses } from "./responses/responses.ts";
import { createRunJournal } from "./runs/journal.ts";
import { RunTable } from "./runs/table.ts";
import { createSessions } from "./sessions/repository.ts";
import { SessionTable } from "./sessions/table.ts";
import { SessionWriter } from "./sessions/writer.ts";
import { createSettings } from "./settings/settings.ts";
import { createSystemEvents } from "./system-events/system-events.ts";
import { createTasks } from "./tasks/tasks.ts";
import type { KeyStore, State } from "./types.ts";
import { UsageTable } from "./usage/table.ts";
import { createUsage } from "./usage/usage.ts";

export interface OpenStateOptions {
  /** The state directory; made (0700) if it is not there. */
  readonly dir: string;
  readonly keys: KeyStore;
  /** UUID v4. */
  readonly newId: () => string;
  /** How long a write waits for another process; 2000. */
  readonly busyTimeoutMs?: number;
  /** What `damage()` tells has changed. Contract: must not throw, and must not use the state before it returned. */
  readonly onDamageChange?: () => void;
  /** What changes the files of `media`; a test's own may fail. */
  readonly disk?: DiskSteps;
  /** The database is a draft, which gets its name and place once it is closed. */
  readonly isDraft?: boolean;
  /** Times of the audit log; `Date.now`. */
  readonly nowMs?: () => number;
  /** Takes secrets out of the texts of the audit log; without it they are only bounded and escaped. */
  readonly redact?: Redact;
  /** The audit log could not be written. Contract: must not throw, and must not use the state before it returned. */
  readonly onAuditFault?: (error: unknown) => void;
}

/**
 * Opens the state, or founds it if the directory has none. One process at a time: take `acquireInstanceLock` first.
 * @throws StateError with a sentence naming the file and what to do: `key_missing`, `key_unreadable`, `key_locked`, `wrong_key`,
 * `not_a_database`, `corrupt`, `newer_schema`, `foreign_owner`, `unsafe_path`, `busy`, `disk_full`, `io`
 */
export async function openState(options: OpenStateOptions): Promise<State> {
  prepareDirectory(options.dir);
  finishPendingChange(options.dir);
  const file = join(options.dir, "state.db");
  const keys = await loadKeys(options.keys, file);
  const access = { file, key: keys.database, busyTimeoutMs: options.busyTimeoutMs ?? 2000 };
  if (checkFiles(file) === undefined) await createDatabase(access, (connection) => found(connection, keys));
  const connection = await openDatabase(access);
  try {
    if (readSchemaVersion(connection) === 0) {
      throw new StateError(
        "corrupt",
        `${file} is empty: restore a backup, or move the file away to start afresh.`,
      );
    }
    migrate(connection);
    return compose(connection, { keys, access, options });
  } catch (error) {
    connection.close();
    throw error;
  }
}

// An existing database without its key is never given a new one: the key may still be found.
async function loadKeys(store: KeyStore, file: string): Promise<StateKeys> {
  const known = await store.load();
  if (known !== undefined) {
    await store.tidy?.();
    return deriveKeys(known);
  }
  if (checkFiles(file) !== undefined) {
    throw new StateError(
      "key_missing",
      `The key of ${file} is missing: put it back, restore a backup, or move the file away to start afresh.`,
    );
  }
  const fresh = new Uint8Array(randomBytes(32));
  await store.create(fresh);
  return deriveKeys(fresh);
}

function found(connection: Connection, keys: StateKeys): void {
  migrate(connection);
  const seals = new Seals(connection, createMacs(keys), new DamageLog());
  connection.write(() => seals.found());
}

interface Parts {
  readonly keys: StateKeys;
  readonly access: VerifyDeps["access"];
  readonly options: Omit<OpenStateOptions, "dir" | "keys">;
}

function compose(connection: Connection, { keys, access, options }: Parts): State {
  const { newId, onDamageChange } = options;
  const macs = createMacs(keys);
  const damage = new DamageLog(onDamageChange);
  const seals = new Seals(connection, macs, damage);
  const base = { connection, macs, seals, damage };
  const auditLog = createAuditLog({
    ...base,
    nowMs: options.nowMs ?? Date.now,
    redact: options.redact ?? ((text) => text),
    onFault: options.onAuditFault ?? (() => undefined),
  });
  const { audit } = auditLog;
  const sessions = new SessionTable(base);
  const messages = new MessageTable({ connection, macs, sessions });
  const compactions = new CompactionTable(connection, macs);
  const archives = new ArchiveTable(connection, macs);
  const runs = new RunTable({ connection, macs, seals, sessions });
  const usage = new UsageTable(base);
  const writer = new SessionWriter({ sessions, messages, compactions, runs, newId, audit });
  connection.listen(writer);
  const parts = {
    ...base,
    sessions,
    messages,
    compactions,
    archives,
    runs,
    usage,
    writer,
    newId,
    audit: auditLog.table,
  };
  checkSchema(connection, damage);
  connection.read(() => seals.check("root"));
  const repositories = { memory: createMemory(base), usage: createUsage(base, usage) };
  return {
    ...repositories,
    ...registries(base),
    portable: createPortable({ ...parts, ...repositories, log: audit }),
    sessions: createSessions(parts),
    runs: createRunJournal({ ...parts, outbox: new OutboxTable(base) }),
    devices: createDevices(base),
    settings: createSettings(base),
    audit,
    media: createMedia({
      ...base,
      newId,
      files: new MediaFiles(dirname(access.file), options.disk ?? systemSteps),
      isSession: (id) => sessions.byId(id) !== undefined,
    }),
    damage: () => damage.list(),
    verify: (signal) => verifyState({ ...parts, access }, signal),
    [Symbol.asyncDispose]: async () => {
      auditLog.close();
      connection.close({ movesOn: options.isDraft ?? false });
    },
  };
}

function registries(base: SealedDeps) {
  return {
    cron: createCron(base),
    cronRuns: createCronRuns(base),
    outbox: createOutbox(base),
    hookDeliveries: createHookDeliveries(base),
    answers: createAnswers(base),
    systemEvents: createSystemEvents(base),
    responses: createResponses(base),
    tasks: createTasks(base),
    profiles: createProfiles(base),
    nodes: createNodes(base),
    gateways: createGateways(base),
    execApprovals: createApprovals(base),
  };
}
