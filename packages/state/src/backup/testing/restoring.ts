import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DiskSteps } from "@carapace/files";
import { readArchive } from "../archive.ts";
import { openArchiveFile } from "../archive-file.ts";
import { restoreBackup } from "../restore/restore.ts";
import type { RestoreReport } from "../restore/types.ts";
import { scanArchive } from "../scan.ts";
import type { TestDirectory } from "./directory.ts";

export interface Restoring {
  readonly keep?: boolean;
  readonly passphrase?: string;
  readonly password?: string;
  readonly steps?: DiskSteps;
}

/** Restores an archive file into a test's directory, as the command does. */
export async function restoreInto(
  to: TestDirectory,
  path: string,
  { keep = true, passphrase, password, steps }: Restoring = {},
): Promise<RestoreReport> {
  using file = openArchiveFile(path);
  const archive = await readArchive(file, { passphrase: async () => passphrase });
  const facts = await scanArchive(archive);
  return await restoreBackup({
    ...to.common,
    configPath: to.configPath,
    archive,
    archivePath: path,
    facts,
    keep,
    password,
    hmacSecrets: async () => [],
    ...(steps && { steps }),
  });
}

/** Writes an archive beside a test's directory. @returns its path */
export function archiveAt(to: TestDirectory, bytes: Uint8Array): string {
  const path = join(to.root, "archive.tar.gz");
  writeFileSync(path, bytes);
  return path;
}

/** How work ended that may fail. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/**
 * Waits for work that may fail. Not by `expect(…).rejects`: that matcher runs the event loop itself, and one that only
 * has immediates to run rests there until the next timer (oven-sh/bun#39268), a second and more for a verification.
 */
export async function outcomeOf<T>(work: Promise<T>): Promise<Outcome<T>> {
  return await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}
