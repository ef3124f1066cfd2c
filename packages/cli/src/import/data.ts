import type { Result } from "@carapace/protocol";
import type { ImportProgress, ImportReport } from "@carapace/state/portable";
import type { Place } from "../closed-state/place.ts";
import type { CliWorld } from "../world.ts";

/** One reading, or one taking over, of what a source kept beside its configuration. */
export interface DataImportAsk {
  readonly sourceDir: string;
  readonly world: Pick<CliWorld, "env" | "newId">;
  readonly place: Place;
  /** Reads and judges everything, writes nothing. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (done: ImportProgress) => void;
}

/** Takes over conversations and the like; the caller holds the guard of the state directory. */
export type DataImport = (ask: DataImportAsk) => Promise<Result<ImportReport>>;
