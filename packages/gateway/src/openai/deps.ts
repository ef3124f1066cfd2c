import type { ConfigStore } from "@carapace/config";
import type { State, UsageEntry } from "@carapace/state";
import type { Ingress } from "../ingress/types.ts";
import type { Log } from "../log/log.ts";
import type { ModelDesk } from "../models/desk.ts";
import type { Runs } from "../runs/types.ts";
import type { World } from "../types.ts";
import type { FetchFile } from "./attachments/fetch-file.ts";

/** What the OpenAI-compatible API works with. */
export interface OpenAiDeps {
  readonly world: World;
  readonly state: State;
  readonly config: ConfigStore;
  readonly runs: Runs;
  readonly ingress: Ingress;
  readonly models: ModelDesk;
  /** Priced; undefined if usage is not recorded. */
  readonly bill: (entry: UsageEntry) => UsageEntry | undefined;
  /** What no reply may hold. */
  readonly secrets: () => readonly string[];
  readonly log: Log;
  /** Instead of the guarded fetch; tests have no internet. */
  readonly fetchFile?: FetchFile;
  /** Of silence in a stream; 15 s. */
  readonly pingMs?: number;
}
