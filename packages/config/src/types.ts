import type { JsonObject } from "@carapace/protocol";
import type { Refusal, Result } from "@carapace/protocol/failures";
import type { Config } from "./schema/index.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Opens sealed values. Contract: answers with the plain text of those it could open, and leaves the others out. */
export interface Opener {
  /** Why one that it leaves out does not open, and what to do: a person reads it. */
  readonly why: string;
  open(envelopes: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Where a configuration is read from, and with what. */
export interface ConfigAccess {
  readonly env: Environment;
  /** Another file than the one the environment names. */
  readonly path?: string;
  /** Opens sealed values; unless given, `CARAPACE_CONFIG_PASSWORD` of `env` does. */
  readonly opener?: Opener;
}

export interface Issue {
  readonly severity: "error" | "warning";
  /** `.gateway.port`, `.agents.list[0].model`, root `""` (config.md §8). */
  readonly path: string;
  /** What is wrong and how to mend it. */
  readonly message: string;
  /** Where it stands in which file, if it stands in one; 1-based. */
  readonly at?: { readonly file: string; readonly line: number; readonly column: number };
}

/** One reading of the configuration (config.md §10). */
export interface ConfigSnapshot {
  readonly path: string;
  readonly exists: boolean;
  /** Lower-case hex SHA-256 of the file's text; null without a file. */
  readonly hash: string | null;
  /** The main file as written: placeholders and ciphertext intact; `{}` without a file. */
  readonly parsed: JsonObject;
  /** Includes merged, variables substituted, secrets opened; no defaults. */
  readonly resolved: JsonObject;
  /** `resolved` for people: texts with placeholders as they are written. Not redacted yet: see `shownFile`. */
  readonly shown: JsonObject;
  /** Every secret text of the file and of the environment, to be masked wherever something is shown. */
  readonly secrets: readonly string[];
  /** `resolved` over the defaults, typed. */
  readonly config: Config;
  readonly issues: readonly Issue[];
  /** Names the `env` section sets. */
  readonly injected: Environment;
  /** A variable: injected first, then the process's own. */
  lookup(name: string): string | undefined;
}

export interface ReloadReport {
  readonly mode: "hot" | "hybrid";
  readonly warnings: readonly string[];
  /** Changed keys that are in force now. */
  readonly applied: readonly string[];
  /** Changed keys that wait for a restart. */
  readonly needsRestart: readonly string[];
}

/** What it begins is waited for: only then is the change in force, and the next one read. Contract: must not fail. */
export type ConfigListener = (snapshot: ConfigSnapshot, report: ReloadReport) => void | Promise<void>;

/** The configuration of a running process: read once, watched, reloaded whole or not at all. */
export interface ConfigStore extends Disposable {
  current(): ConfigSnapshot;
  /** Reads the files again; refused, and the old one kept, if they do not load or do not validate. */
  reload(): Promise<Result<ReloadReport>>;
  onChange(listener: ConfigListener): () => void;
  /** Tells of a changed file that was not taken over because it does not load, does not validate or was vetoed. */
  onRefused(listener: (refusal: Refusal) => void): () => void;
  /** A check that may veto a reload (providers that cannot be built). */
  onBeforeChange(check: (next: ConfigSnapshot) => Result<undefined>): void;
}
