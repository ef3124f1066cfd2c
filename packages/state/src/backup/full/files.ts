import { lstatSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { version } from "@carapace/protocol/version";
import type { CredentialStore } from "@carapace/secrets";
import { fileEntry } from "../read-file.ts";
import type { TarFile } from "../tar/writer.ts";
import { encodeManifest, places } from "./manifest.ts";
import { walk } from "./walk.ts";

/** Where the configuration lies. */
export interface ConfigFiles {
  readonly main: string;
  /** Files the main one includes. */
  readonly included: readonly string[];
}

export interface FullAsk {
  /** The state directory. */
  readonly dir: string;
  readonly config: ConfigFiles;
  /** The folder with the snapshot of the database, and its root key; undefined if there is no database. */
  readonly database?: { readonly folder: string; readonly key: Uint8Array };
  /** What our accounts of the credential store hold, by account. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Never in the archive: the archive itself. */
  readonly except: readonly string[];
  readonly nowMs: number;
  /** Told of what is not in the archive, in words for a person. */
  readonly onLeftOut: (say: string) => void;
}

/** The files of a full archive, the small ones first. */
export async function* fullFiles(ask: FullAsk): AsyncGenerator<TarFile> {
  const { dir, config, database, credentials, nowMs } = ask;
  const hasConfig = lstatSync(config.main, { throwIfNoEntry: false }) !== undefined;
  const small = (name: string, body: Uint8Array): TarFile => ({
    name,
    size: body.length,
    body,
    modifiedMs: nowMs,
  });
  const name = basename(config.main);
  const manifest = {
    program: version,
    hasDatabase: database !== undefined,
    ...(hasConfig && { config: name }),
  };
  yield small(places.manifest, encodeManifest(manifest));
  yield small(places.credentials, Buffer.from(JSON.stringify(credentials)));
  if (database !== undefined)
    yield small(places.key, Buffer.from(`${Buffer.from(database.key).toString("hex")}\n`));
  if (hasConfig) yield* configEntries(ask);
  yield* otherEntries(ask);
  if (database === undefined) return;
  const entry = fileEntry(join(database.folder, "state.db"), places.database);
  if (entry === undefined) throw new Error(`the snapshot of ${dir} is gone`);
  yield entry;
}

/** The configuration may be a link (it is followed); what it includes from elsewhere belongs to somebody else. */
function* configEntries({ config, onLeftOut }: FullAsk): Generator<TarFile> {
  const folder = dirname(config.main);
  for (const path of [config.main, ...new Set(config.included)]) {
    const inside = relative(folder, path);
    const isOutside = inside.startsWith("..") || inside === "" || inside.includes(`..${sep}`);
    const entry = isOutside ? undefined : fileEntry(path, places.config + inside.split(sep).join("/"));
    if (entry !== undefined) yield entry;
    else
      onLeftOut(
        `${path}, which the configuration uses, ${isOutside ? "lies outside of its folder" : "is not a plain file"}`,
      );
  }
}

function* otherEntries({ dir, config, except, onLeftOut }: FullAsk): Generator<TarFile> {
  const elsewhere = new Set([config.main, ...config.included, ...except]);
  for (const { path, kind } of walk(dir, elsewhere)) {
    if (kind === "folder") continue;
    const entry = kind === "file" ? fileEntry(join(dir, path), places.files + path) : undefined;
    if (entry === undefined) onLeftOut(`${join(dir, path)} is a link or no plain file`);
    else yield entry;
  }
}

/** Reads what our accounts hold; those of database keys are left out, the archive has the key itself. */
export async function readAccounts(
  store: CredentialStore,
  accounts: Iterable<string>,
): Promise<Record<string, string>> {
  const held: Record<string, string> = {};
  for (const account of accounts) {
    if (account.startsWith("state:key:")) continue;
    const value = await store.get(account);
    if (value !== undefined) held[account] = value;
  }
  return held;
}
