import { join } from "node:path";
import {
  type DiskSteps,
  type FileRefusal,
  lockFile,
  privateDirectory,
  readPrivate,
  refuseSystem,
  replaceWhole,
  systemSteps,
} from "@carapace/files";
import { CredentialStoreError } from "./error.ts";

/** One entry of the index (state.md §11.2): what was stored, never the secret. */
export interface CredentialIndexEntry {
  readonly key: { readonly kind: string; readonly agent_id: string; readonly id: string };
  readonly provider?: string;
  /** Unix seconds. */
  readonly last_updated: number;
}

interface IndexFile {
  readonly version: 1;
  readonly entries: Readonly<Record<string, CredentialIndexEntry>>;
  readonly plugins: Readonly<Record<string, { readonly count: number }>>;
}

const maxIndexBytes = 1_048_576;
const lockWaitMs = 5000;
const empty: IndexFile = { version: 1, entries: {}, plugins: {} };

/** Every account in the index of a state directory, by name. A missing or unreadable index is an empty one. */
export function storedAccounts(stateDir: string): Readonly<Record<string, CredentialIndexEntry>> {
  const path = join(stateDir, "credentials", "index.json");
  const read = readPrivate(path, { maxBytes: maxIndexBytes, mode: "tighten" });
  return read.ok && read.value !== undefined ? (parseIndex(read.value) ?? empty).entries : {};
}

/**
 * Which accounts were stored, in `<state>/credentials/index.json`: a store cannot be asked for that. Written under a
 * lock and as a whole; what it held before is kept in `index.json.bak`; one that cannot be read is put aside.
 */
export class CredentialIndex {
  readonly #stateDir: string;
  readonly #nowMs: () => number;
  readonly #steps: DiskSteps;

  constructor(stateDir: string, nowMs: () => number, steps: DiskSteps = systemSteps) {
    this.#stateDir = stateDir;
    this.#nowMs = nowMs;
    this.#steps = steps;
  }

  /** @throws CredentialStoreError `store_failed` if the disk refuses; the secret itself is stored by then. */
  async add(account: string): Promise<void> {
    const last_updated = Math.floor(this.#nowMs() / 1000);
    await this.#change((file) => {
      const entry = { ...file.entries[account], key: keyOf(account), last_updated };
      return counted({ ...file, entries: { ...file.entries, [account]: entry } });
    });
  }

  /** Writes nothing if it is not in the index. @throws CredentialStoreError `store_failed` if the disk refuses */
  async remove(account: string): Promise<void> {
    if (!Object.hasOwn(storedAccounts(this.#stateDir), account)) return;
    await this.#change((file) => {
      const { [account]: _gone, ...entries } = file.entries;
      return counted({ ...file, entries });
    });
  }

  get #folder(): string {
    return join(this.#stateDir, "credentials");
  }

  get #path(): string {
    return join(this.#folder, "index.json");
  }

  async #change(change: (file: IndexFile) => IndexFile): Promise<void> {
    orFail(privateDirectory(this.#folder));
    using _lock = orFail(await lockFile(`${this.#path}.lock`, { waitMs: lockWaitMs }));
    const bytes = orFail(readPrivate(this.#path, { maxBytes: maxIndexBytes, mode: "tighten" }));
    const file = bytes === undefined ? empty : parseIndex(bytes);
    if (file === undefined) this.#putAside();
    else if (bytes !== undefined) this.#replace(`${this.#path}.bak`, bytes);
    this.#replace(this.#path, Buffer.from(`${JSON.stringify(change(file ?? empty), undefined, 2)}\n`));
  }

  #replace(path: string, bytes: Uint8Array): void {
    orFail(replaceWhole(path, bytes, { tag: "index", steps: this.#steps }));
  }

  /** What cannot be read may be of use to somebody yet. */
  #putAside(): void {
    try {
      this.#steps.rename(this.#path, join(this.#folder, `index.corrupt.${this.#nowMs()}`));
    } catch (error) {
      orFail(refuseSystem(this.#path, error, "put aside"));
    }
  }
}

function orFail<T>(result: { readonly ok: true; readonly value: T } | FileRefusal): T {
  if (result.ok) return result.value;
  throw new CredentialStoreError("store_failed", `the index of stored credentials: ${result.say}`);
}

/** `kind:agentId:id`, and for a plugin's `plugin:<pluginId>:<kind>:<id>`. */
function keyOf(account: string): CredentialIndexEntry["key"] {
  const parts = account.split(":");
  const [kind = "", agent_id = "", ...id] = parts;
  return { kind, agent_id, id: id.join(":") };
}

/** With the number of entries each plugin has. */
function counted(file: IndexFile): IndexFile {
  const counts = new Map<string, number>();
  for (const account of Object.keys(file.entries)) {
    const [first, pluginId] = account.split(":");
    if (first !== "plugin") continue;
    const name = `plugin:${pluginId}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return { ...file, plugins: Object.fromEntries([...counts].map(([name, count]) => [name, { count }])) };
}

function parseIndex(bytes: Uint8Array): IndexFile | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (!isRecord(value) || value["version"] !== 1 || !isRecord(value["entries"])) return undefined;
  const entries = new Map<string, CredentialIndexEntry>();
  for (const [account, entry] of Object.entries(value["entries"])) {
    const read = parseEntry(entry);
    if (read === undefined) return undefined;
    entries.set(account, read);
  }
  return counted({ ...empty, entries: Object.fromEntries(entries) });
}

function parseEntry(value: unknown): CredentialIndexEntry | undefined {
  if (!isRecord(value) || !isRecord(value["key"])) return undefined;
  const { kind, agent_id, id } = value["key"];
  const { provider, last_updated } = value;
  const isSound =
    typeof kind === "string" &&
    typeof agent_id === "string" &&
    typeof id === "string" &&
    typeof last_updated === "number";
  if (!isSound) return undefined;
  return { key: { kind, agent_id, id }, last_updated, ...(typeof provider === "string" && { provider }) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
