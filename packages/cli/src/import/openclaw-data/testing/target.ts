import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openState, type State, systemStateKeys } from "@carapace/state";
import type { ImportProgress, ImportReport } from "@carapace/state/portable";
import type { Place } from "../../../closed-state/place.ts";
import { importOpenClawData } from "../import.ts";

/** When tests import: after anything their sources hold. */
export const importMs = 1_800_000_000_000;

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
  const env = { CARAPACE_CREDENTIAL_STORE: "off" };
  const newId = () => crypto.randomUUID();
  const nowMs = () => importMs;
  const keys = systemStateKeys({ dir, env, password: undefined, nowMs });
  const place: Place = {
    ...{ dir, configPath: join(dir, "carapace.json5"), password: undefined, keys, nowMs, newId },
    credentials: () => Promise.reject(new Error("nobody asks for credentials")),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  };
  return {
    dir,
    take: async ({ home, dir: sourceDir, dryRun = false, signal, onProgress = () => {} }) => {
      const world = { env: { HOME: home }, newId };
      const report = await importOpenClawData({
        ...{ sourceDir, world, place, dryRun, onProgress },
        signal: signal ?? new AbortController().signal,
      });
      if (!report.ok) throw new Error(report.say);
      return report.value;
    },
    open: () => openState({ dir, keys, newId, nowMs }),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}
