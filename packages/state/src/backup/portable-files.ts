import { lstatSync } from "node:fs";
import { basename } from "node:path";
import { knownKey } from "../keys/known-key.ts";
import { openState } from "../open.ts";
import type { WriteOptions } from "../portable/types.ts";
import type { State } from "../types.ts";
import { breather } from "./breathing.ts";
import { fileEntry } from "./read-file.ts";
import type { TarFile } from "./tar/writer.ts";

export interface PortableAsk {
  readonly configPath: string;
  /** The folder with the snapshot of the database, and its root key; undefined if there is no database. */
  readonly database?: { readonly folder: string; readonly key: Uint8Array };
  /** The configuration's password: sessions are sealed with it, as the reference expects them then. */
  readonly password: string | undefined;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly random: (bytes: number) => Uint8Array;
  /** Told of what is not in the archive, in words for a person. */
  readonly onLeftOut: (say: string) => void;
}

/** The files of a portable archive, section by section (state.md §15): sessions, then the configuration, then the rest. */
export async function* portableFiles(ask: PortableAsk): AsyncGenerator<TarFile> {
  const { database } = ask;
  if (database === undefined) {
    yield* configEntry(ask);
    return;
  }
  await using state = await openState({
    dir: database.folder,
    keys: knownKey(database.key),
    newId: ask.newId,
  });
  yield* written(state, ask, ["sessions"]);
  yield* configEntry(ask);
  yield* written(state, ask, ["memory", "cron", "tasks", "usage"]);
  for (const { say } of state.damage()) ask.onLeftOut(say);
}

async function* written(
  state: State,
  ask: PortableAsk,
  sections: WriteOptions["sections"],
): AsyncGenerator<TarFile> {
  const breathe = breather();
  const outputs = state.portable.write({
    sections,
    onMeasured: breathe,
    randomBytes: ask.random,
    nowMs: ask.nowMs,
    onProblem: ({ path, say }) => ask.onLeftOut(`${path}: ${say}`),
    ...(ask.password !== undefined && { password: ask.password }),
  });
  const modifiedMs = ask.nowMs();
  for await (const { path, size, chunks } of outputs) {
    yield { name: path, size, body: chunks(), modifiedMs };
    breathe();
  }
}

function* configEntry({ configPath, onLeftOut }: PortableAsk): Generator<TarFile> {
  if (lstatSync(configPath, { throwIfNoEntry: false }) === undefined) return;
  const entry = fileEntry(configPath, `config/${basename(configPath)}`);
  if (entry === undefined) onLeftOut(`${configPath} is a link or no plain file`);
  else yield entry;
}
