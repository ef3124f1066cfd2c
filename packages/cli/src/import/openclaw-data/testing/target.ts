import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openState, type State } from "@carapace/state";
import type { ImportProgress, ImportReport } from "@carapace/state/portable";
import { importOpenClawData } from "../import.ts";
import { placeAt } from "./place.ts";

export interface TakeOptions {
  readonly home: string;
  readonly dir: string;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: ImportProgress) => void;
}

/** A state directory to import into. */
export interface Target extends Disposable {
  readonly dir: string;
  take(options: TakeOptions): Promise<ImportReport>;
  /** Opens what is there by now; the caller closes it before the next import. */
  open(): Promise<State>;
}

export function importTarget(): Target {
  const dir = mkdtempSync(join(tmpdir(), "carapace-target-"));
  const place = placeAt(dir);
  const { keys, newId, nowMs } = place;
  return {
    dir,
    take: async ({ home, dir: sourceDir, dryRun = false, signal, onProgress = () => {} }) => {
      const report = await importOpenClawData({
        ...{ sourceDir, world: { env: { HOME: home }, newId }, place, dryRun, onProgress },
        signal: signal ?? new AbortController().signal,
      });
      if (!report.ok) throw new Error(report.say);
      return report.value;
    },
    open: () => openState({ dir, keys, newId, nowMs }),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}
