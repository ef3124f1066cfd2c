import { ok, type Refusal, type Result, refuse } from "@carapace/protocol/failures";
import { describeIssue, type Loaded, loadStages, refuseLoad } from "../load/pipeline.ts";
import { errorsOf, snapshotOf, warningsOf } from "../load-config.ts";
import { configPathOf } from "../paths.ts";
import { openerFrom } from "../seal/opener.ts";
import type { ConfigAccess, ConfigListener, ConfigSnapshot, ConfigStore, ReloadReport } from "../types.ts";
import { type FileWatch, watchFiles } from "./watch.ts";

export interface ConfigStoreOptions extends ConfigAccess {
  /** Read the file again when it changes, unless `gateway.reload.mode` is off. False unless told. */
  readonly watch?: boolean;
}

interface Reading {
  readonly snapshot: ConfigSnapshot;
  readonly files: readonly string[];
}

type Read =
  | { readonly ok: true; readonly reading: Reading }
  | { readonly ok: false; readonly refusal: Refusal; readonly files: readonly string[] };

/**
 * Opens the configuration of a running process (config.md §3). Refused, with every error as `file:line:column`, if
 * the file cannot be read or parsed, a variable is missing, or a value is an error: running on defaults instead would
 * silently change who may call and where we listen.
 */
export async function openConfigStore(options: ConfigStoreOptions): Promise<Result<ConfigStore>> {
  const path = options.path ?? configPathOf(options.env);
  using opened = new DisposableStack();
  // For all readings: what one salt's key costs is paid once.
  const opener = options.opener ?? opened.use(openerFrom(options.env));
  const access = { ...options, path, opener };
  const first = await read(access);
  if (!first.ok) return first.refusal;
  return ok(createStore(access, { first: first.reading, opened: opened.move() }));
}

async function read(access: ConfigAccess & { readonly path: string }): Promise<Read> {
  const { path, env } = access;
  const outcome = await loadStages(access);
  if (!outcome.ok) {
    return { ok: false, refusal: refuseLoad(outcome.failure, path), files: outcome.failure.files };
  }
  const snapshot = await snapshotOf(outcome.loaded, env);
  const { files }: Loaded = outcome.loaded;
  const errors = errorsOf(snapshot.issues);
  if (errors.length === 0) return { ok: true, reading: { snapshot, files } };
  const lines = errors.map((issue) => `  ${describeIssue(issue)}`).join("\n");
  const say = `${path} has ${errors.length === 1 ? "an error" : `${errors.length} errors`}:\n${lines}`;
  return { ok: false, refusal: refuse("invalid_request", say, { issues: errors }), files };
}

interface Opened {
  readonly first: Reading;
  /** What goes with the store. */
  readonly opened: DisposableStack;
}

function createStore(options: ConfigStoreOptions & { path: string }, { first, opened }: Opened): ConfigStore {
  let current = first.snapshot;
  let pending: Promise<unknown> = Promise.resolve();
  const listeners = new Set<ConfigListener>();
  const refusalListeners = new Set<(refusal: Refusal) => void>();
  const checks = new Set<(next: ConfigSnapshot) => Result<undefined>>();
  let watcher: FileWatch | undefined;

  function watchAgain(files: readonly string[]): void {
    if (!options.watch) return;
    if (current.config.gateway.reload.mode === "off") {
      watcher?.[Symbol.dispose]();
      watcher = undefined;
      return;
    }
    watcher ??= watchFiles(noticed, () => current.config.gateway.reload.debounceMs);
    watcher.follow(files);
  }

  async function noticed(): Promise<void> {
    const done = await inTurn(() => take({ evenUnchanged: false }));
    if (!done.ok) for (const listener of refusalListeners) listener(done);
  }

  /** One reload at a time, in the order they were asked for. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = pending.then(work, work);
    pending = next;
    return next;
  }

  async function take({ evenUnchanged }: { evenUnchanged: boolean }): Promise<Result<ReloadReport>> {
    const next = await read(options);
    if (!next.ok) {
      watchAgain(next.files);
      return { ...next.refusal, code: "unavailable" };
    }
    const { snapshot, files } = next.reading;
    for (const check of checks) {
      const verdict = check(snapshot);
      if (!verdict.ok) {
        watchAgain(files);
        return verdict;
      }
    }
    const report = await reportOf(current, snapshot);
    const unchanged = Bun.deepEquals(current.resolved, snapshot.resolved, true);
    current = snapshot;
    watchAgain(files);
    if (evenUnchanged || !unchanged) for (const listener of [...listeners]) await listener(snapshot, report);
    return ok(report);
  }

  watchAgain(first.files);
  return {
    current: () => current,
    reload: () => inTurn(() => take({ evenUnchanged: true })),
    onChange: (listener) => subscribe(listeners, listener),
    onRefused: (listener) => subscribe(refusalListeners, listener),
    onBeforeChange: (check) => {
      checks.add(check);
    },
    [Symbol.dispose]() {
      watcher?.[Symbol.dispose]();
      watcher = undefined;
      opened.dispose();
      listeners.clear();
      refusalListeners.clear();
    },
  };
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

async function reportOf(before: ConfigSnapshot, after: ConfigSnapshot): Promise<ReloadReport> {
  const { changesBetween } = await import("./changes.ts");
  const { mode } = after.config.gateway.reload;
  const { applied, needsRestart } = changesBetween(before.config, after.config);
  const warnings = warningsOf(after.issues).map((issue) => describeIssue(issue));
  return { mode: mode === "off" ? "hot" : mode, warnings, applied, needsRestart };
}
