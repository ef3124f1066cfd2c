import type { ArchiveTable } from "../archives/archives.ts";
import type { Audit } from "../audit/types.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import type { MemoryRepository } from "../memory/types.ts";
import type { CompactionTable } from "../messages/compactions.ts";
import type { MessageTable } from "../messages/table.ts";
import type { RunTable } from "../runs/table.ts";
import type { SessionTable } from "../sessions/table.ts";
import type { SessionWriter } from "../sessions/writer.ts";
import type { UsageRepository } from "../usage/types.ts";

/** The tables that a portable source is read into, and written from. */
export interface PortableDeps extends SealedDeps {
  readonly sessions: SessionTable;
  readonly messages: MessageTable;
  readonly compactions: CompactionTable;
  readonly archives: ArchiveTable;
  readonly runs: RunTable;
  readonly writer: SessionWriter;
  readonly memory: MemoryRepository;
  readonly usage: UsageRepository;
  readonly log: Pick<Audit, "appendForeign">;
  readonly newId: () => string;
}
