export { type Archive as BackupArchive, readArchive } from "./archive.ts";
export { openArchiveFile } from "./archive-file.ts";
export { type BackupOptions, type BackupReport, createBackup, type HeldCredentials } from "./create.ts";
export type { ConfigFiles } from "./full/files.ts";
export { type ArchiveKind, stampOf } from "./marker.ts";
export {
  countResettable,
  type ResetCategory,
  type ResetOptions,
  type ResetReport,
  resetCategories,
  resetState,
} from "./reset.ts";
export { storeRestoredCredentials } from "./restore/credentials.ts";
export { restoreBackup } from "./restore/restore.ts";
export type { RestoreOptions, RestoreReport } from "./restore/types.ts";
export { type ArchiveFacts, scanArchive } from "./scan.ts";
export { makeScratch, type Scratch } from "./scratch.ts";
