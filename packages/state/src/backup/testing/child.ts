// Backs up, restores or resets a state directory and prints a line before each step of the disk, so that it can be killed
// there: `child.ts backup|restore|reset STATE_DIR ARCHIVE`.
import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { join } from "node:path";
import { type DiskSteps, systemSteps } from "@carapace/files";
import { stateKeys } from "../../keys/places.ts";
import { acquireInstanceLock } from "../../lock/instance.ts";
import { finishPendingChange } from "../../pending.ts";
import { readArchive } from "../archive.ts";
import { openArchiveFile } from "../archive-file.ts";
import { createBackup } from "../create.ts";
import { resetCategories, resetState } from "../reset.ts";
import { restoreBackup } from "../restore/restore.ts";
import { scanArchive } from "../scan.ts";
import { memoryStore } from "./directory.ts";

const [action = "", dir = "", archivePath = ""] = process.argv.slice(2);
const passphrase = "correct horse battery";
const store = memoryStore();
const configPath = join(dir, "carapace.json");
const common = {
  dir,
  keys: stateKeys({ dir, store: async () => store, password: undefined }),
  nowMs: Date.now,
  newId: () => crypto.randomUUID(),
  random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
  credentials: async () => ({ store, accounts: [] }),
};

function told<A extends unknown[], R>(name: string, step: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    writeSync(1, `${name}\n`);
    return step(...args);
  };
}

const steps: DiskSteps = {
  create: told("create", systemSteps.create),
  write: told("write", systemSteps.write),
  sync: told("sync", systemSteps.sync),
  link: told("link", systemSteps.link),
  rename: told("rename", systemSteps.rename),
  remove: told("remove", systemSteps.remove),
  makeFolder: told("makeFolder", systemSteps.makeFolder),
  removeTree: told("removeTree", systemSteps.removeTree),
  syncFolder: told("syncFolder", systemSteps.syncFolder),
};

async function restore(): Promise<void> {
  using file = openArchiveFile(archivePath);
  const archive = await readArchive(file, { passphrase: async () => passphrase });
  const facts = await scanArchive(archive);
  const secrets = { archivePath, password: undefined, hmacSecrets: async () => [] };
  await restoreBackup({ ...common, ...secrets, configPath, archive, facts, keep: true, steps });
}

async function backup(): Promise<void> {
  const config = { main: configPath, included: [] };
  const how = { kind: "full", overwrite: true, password: undefined, secret: passphrase } as const;
  await createBackup({ ...common, ...how, config, output: archivePath, steps });
}

const lock = await acquireInstanceLock(dir);
if (!lock.ok) throw new Error(lock.say);
finishPendingChange(dir, [configPath]);
if (action === "restore") await restore();
else if (action === "backup") await backup();
else
  await resetState({
    ...common,
    configPath,
    categories: resetCategories,
    memoryDir: join(dir, "memory"),
    steps,
  });
writeSync(1, "done\n");
