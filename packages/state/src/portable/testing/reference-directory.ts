import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sealArtifact } from "../crypto/artifact.ts";
import { type ArtifactPurpose, plainSidecarKey, type SessionKeys, sessionKeysOf } from "../crypto/keys.ts";
import { writeManifest } from "../crypto/manifest.ts";
import { FileMacs, writeSidecar } from "../crypto/sidecar.ts";

export interface ReferenceOptions {
  /** Seals the sessions. */
  readonly password?: string;
  /** Keys sidecars of plaintext sessions. */
  readonly hmacSecret?: string;
}

/** A history line in the reference's form; what is not given has a plain value. */
export type Line = Readonly<Record<string, unknown>>;

/** A state directory as the reference leaves it, built from the format's tables; gone at the end of its scope. */
export interface ReferenceDirectory extends Disposable {
  readonly path: string;
  /** Where the reference keeps notes: not in its state directory. */
  readonly memoryDir: string;
  write(path: string, text: string | Uint8Array): void;
  /** @returns the path of the metadata file */
  session(
    id: string,
    key: string,
    given?: { readonly lines?: readonly Line[]; readonly meta?: Line },
  ): string;
  archive(id: string, document: unknown): void;
  /** Adds the sidecar of a file. */
  sidecar(path: string, suffix?: string): void;
  /** Every file's content and time, to show that nothing was changed. */
  fingerprint(): string;
}

const salt = new Uint8Array(16).fill(7);
export const someTime = 1_764_000_000_000;

export async function referenceDirectory(options: ReferenceOptions = {}): Promise<ReferenceDirectory> {
  const root = mkdtempSync(join(tmpdir(), "carapace-reference-"));
  const path = join(root, "carapace");
  const { password, hmacSecret } = options;
  const keys = password === undefined ? undefined : await sessionKeysOf(password, salt);
  const sidecarKey = keys?.sidecar ?? (hmacSecret === undefined ? undefined : plainSidecarKey(hmacSecret));
  let count = 0;
  const nonce = () => new Uint8Array(12).fill(++count % 256).fill(count >> 8, 6);
  const seal = (id: string, purpose: ArtifactPurpose, text: string) =>
    keys === undefined ? text : sealArtifact(keys, { sessionId: id, purpose }, { text, nonce: nonce() });
  const directory: ReferenceDirectory = {
    path,
    memoryDir: join(root, "memory"),
    write: (name, text) => writeUnder(path, name, text),
    session: (id, key, { lines = [], meta = {} } = {}) => {
      const name = `sessions/${id}.json`;
      directory.write(
        name,
        seal(id, "metadata", JSON.stringify({ ...metadata(id, key, lines), ...meta }, undefined, 2)),
      );
      const history = lines.map(
        (line) => `${seal(id, "history", JSON.stringify({ ...historyLine(id), ...line }))}\n`,
      );
      if (lines.length > 0) directory.write(`sessions/${id}.jsonl`, history.join(""));
      return name;
    },
    archive: (id, document) =>
      directory.write(`sessions/archives/${id}.archive.json`, seal(id, "archive", JSON.stringify(document))),
    sidecar: (name, suffix = ".hmac") => {
      if (sidecarKey === undefined) throw new Error("there is no key for sidecars");
      const macs = new FileMacs([sidecarKey]);
      macs.update(readFileSync(join(path, name)));
      directory.write(`${name}${suffix}`, writeSidecar(macs.first() ?? new Uint8Array()));
    },
    fingerprint: () => fingerprint(root),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (keys !== undefined) writeKeys(directory, keys);
  return directory;
}

function writeKeys(directory: ReferenceDirectory, keys: SessionKeys): void {
  directory.write("sessions/.crypto-manifest", writeManifest(keys, salt));
}

export function writeUnder(root: string, name: string, text: string | Uint8Array): void {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
}

function metadata(id: string, key: string, lines: readonly Line[]) {
  return {
    id,
    session_key: key,
    status: "active",
    metadata: {
      agent_id: "main",
      compaction: { messages_compacted: 0, compaction_count: 0, original_message_count: 0 },
    },
    message_count: lines.length,
    created_at: someTime,
    updated_at: someTime + 1000,
  };
}

function historyLine(id: string) {
  return { id: crypto.randomUUID(), session_id: id, role: "user", content: "hello", created_at: someTime };
}

function fingerprint(root: string): string {
  const hash = createHash("sha256");
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    const { mtimeMs, mode, ino } = statSync(file);
    hash.update(`${file} ${mtimeMs} ${mode} ${ino}\n`).update(readFileSync(file));
  }
  return hash.digest("hex");
}
