import type { Result } from "@carapace/protocol";
import type { ImportProgress, ImportReport } from "@carapace/state/portable";
import type { Place } from "../../closed-state/place.ts";
import type { CliWorld } from "../../world.ts";

/** What is taken over, and where it goes. */
export interface OpenClawDataImport {
  /** Its state directory: `~/.openclaw`, or an older name of it. Never changed. */
  readonly sourceDir: string;
  /** Whose home may hold workspaces that the source names. */
  readonly world: Pick<CliWorld, "env" | "newId">;
  /** The state that is written; the caller holds its guard (closed-state/guard.ts). */
  readonly place: Place;
  /** Reads and judges everything, writes nothing. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** After each record and each part of a conversation. Contract: must not throw. */
  readonly onProgress: (done: ImportProgress) => void;
}

/** Takes over conversations, workspace notes and schedules of OpenClaw, labelled *imported*. */
export type ImportOpenClawData = (given: OpenClawDataImport) => Promise<Result<ImportReport>>;
