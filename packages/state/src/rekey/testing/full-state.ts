import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SessionKey } from "@carapace/protocol";
import type { CredentialStore } from "@carapace/secrets";
import { fileKeyStore } from "../../keys/file-store.ts";
import { stateKeys } from "../../keys/places.ts";
import { openState } from "../../open.ts";
import { noCredentials } from "../../testing/credentials.ts";
import { modelSays, ownerSays, runOf } from "../../testing/messages.ts";
import type { State } from "../../types.ts";

const nowMs = 1_764_000_000_000;
const newId = () => crypto.randomUUID();

export interface FullStateOptions {
  readonly store?: CredentialStore;
  readonly password?: string;
}

/** A directory whose database has rows of every kind, closed; gone at the end of its scope. */
export async function fullState({ store = noCredentials(), password }: FullStateOptions = {}) {
  const dir = mkdtempSync(join(tmpdir(), "carapace-rekey-"));
  const keys = (given: string | undefined = password) =>
    stateKeys({ dir, password: given, store: async () => store });
  const open = (given?: string) => openState({ dir, keys: keys(given), newId });
  const { key, database } = await filled();
  await keys().create(key);
  writeFileSync(join(dir, "state.db"), database, { mode: 0o600 });
  return { dir, keys, open, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

interface Filled {
  readonly key: Uint8Array;
  readonly database: Uint8Array;
}

let once: Promise<Filled> | undefined;

/** The same database for all tests of a file: filling one takes longer than most of them. */
function filled(): Promise<Filled> {
  once ??= fillOne();
  return once;
}

async function fillOne(): Promise<Filled> {
  const dir = mkdtempSync(join(tmpdir(), "carapace-rekey-"));
  try {
    const keys = fileKeyStore(dir);
    const state = await openState({ dir, keys, newId });
    await fill(state);
    await state[Symbol.asyncDispose]();
    return { key: (await keys.load()) ?? new Uint8Array(), database: readFileSync(join(dir, "state.db")) };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function fill(state: State): Promise<void> {
  const session = await state.sessions.upsert(
    SessionKey.parse("one"),
    { agentId: "main", name: "One" },
    nowMs,
  );
  const said = [
    ownerSays("the first question"),
    modelSays("the first answer"),
    ownerSays("the second question"),
  ];
  await state.sessions.append(session.id, said);
  const block = { type: "text", text: "a summary", origin: { kind: "model" } } as const;
  const compaction = { throughSeq: 2, summary: [block], messagesCompacted: 2, createdAtMs: nowMs };
  await state.sessions.compact(session.id, compaction);
  await state.sessions.archive(session.id, false, nowMs);
  await state.sessions.upsert(SessionKey.parse("empty"), { agentId: "main" }, nowMs);
  await fillRuns(state);
  await fillRecords(state);
}

async function fillRuns(state: State): Promise<void> {
  const ended = runOf("run-ended", "two", "do something");
  await state.runs.accept(ended);
  await state.runs.begin(ended.runId, nowMs);
  const usage = {
    provider: "offline",
    model: "offline:basic",
    sessionKey: ended.sessionKey,
    agentId: "main",
    usage: { inputTokens: 1, outputTokens: 2 },
    costUsd: 0.25,
    atMs: nowMs,
  };
  await state.runs.step(ended.runId, { message: modelSays("done"), usage });
  await state.usage.record({ ...usage, costUsd: 1e-7 });
  await state.runs.finish(ended.runId, { status: "completed" }, nowMs + 1);
  await state.runs.accept(runOf("run-open", "two", "do more"));
}

async function fillRecords(state: State): Promise<void> {
  const origin = { kind: "owner" } as const;
  await state.memory.write("main", { key: "name", value: "Ada", origin, updatedAtMs: nowMs });
  await state.memory.write("other", { key: "ünïcode ✓", value: "x", origin, updatedAtMs: nowMs });
  await state.settings.set("heartbeat", { on: true });
  await state.devices.rotateToken({
    tokenHash: "ab".repeat(32),
    deviceId: "device",
    role: "operator",
    scopes: [],
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + 1,
    revoked: false,
  });
  await state.profiles.save({ id: "plain", provider: "github", token: "unsealed" });
  await state.audit.append({
    actor: "cli",
    event: "config_changed",
    data: { key_path: "gateway.port", actor: "cli", method: "config set" },
  });
}

/** What the state says, to be compared before and after. */
export async function contentOf(state: State) {
  const sessions = await state.sessions.list({});
  const histories = sessions.map(async ({ id, damage }) =>
    damage === undefined ? await state.sessions.history(id, { intactOnly: true }) : damage.say,
  );
  return {
    sessions,
    histories: await Promise.all(histories),
    archives: await state.sessions.archives(10, 0),
    compactions: await Promise.all(sessions.map(({ id }) => state.sessions.compaction(id))),
    open: await state.runs.unfinished(),
    ended: await state.runs.find("run-ended"),
    notes: [await state.memory.list("main"), await state.memory.list("other")],
    found: await state.sessions.search("question", { limit: 10 }),
    usage: [await state.usage.days(0), await state.usage.sessions(0)],
    setting: await state.settings.get("heartbeat"),
    tokens: await state.devices.tokens(),
    profiles: await state.profiles.list(),
  };
}

/** The names in a directory, apart from what locks and logs leave. Every file is the owner's alone. */
export function namesIn(dir: string): string[] {
  const names = readdirSync(dir).filter((name) => !/\.lock$|^daemon\.pid$|-wal$|-shm$/.test(name));
  for (const name of names) {
    const { mode } = statSync(join(dir, name));
    if ((mode & 0o077) !== 0) throw new Error(`${name} can be read by others`);
  }
  return names.sort();
}
