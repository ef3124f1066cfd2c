import { type FSWatcher, realpathSync, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** A standing watch over a set of files. */
export interface FileWatch extends Disposable {
  /** Watches these files from now on, and no others. */
  follow(files: readonly string[]): void;
}

/**
 * Calls `changed` once `quietMs()` have passed without a further change to one of the files (config.md §9). A file
 * that is not there yet is watched for; so is a folder that is not there yet, through its nearest ancestor.
 */
export function watchFiles(changed: () => void, quietMs: () => number): FileWatch {
  let watchers: FSWatcher[] = [];
  let files: readonly string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function noticed(): void {
    clearTimeout(timer);
    timer = setTimeout(changed, quietMs());
  }

  function arm(): void {
    for (const watcher of watchers) watcher.close();
    watchers = [...foldersOf(files)]
      .map(([folder, names]) => watchFolder(folder, names))
      .filter((one) => one !== undefined);
  }

  function watchFolder(folder: string, names: ReadonlySet<string>): FSWatcher | undefined {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (names.size === 0) arm();
        if (name === null || names.size === 0 || names.has(name)) noticed();
      });
      watcher.on("error", noticed);
      return watcher;
    } catch {
      // The folder went away in between: the next `follow` finds its ancestor.
      return undefined;
    }
  }

  return {
    follow(next) {
      files = next;
      arm();
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      watchers = [];
      files = [];
    },
  };
}

/** Folder → names to watch for in it; no names: any, because the folder of a file is still missing. */
function foldersOf(files: readonly string[]): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  for (const file of files.flatMap((one) => [one, realPath(one)])) {
    const wanted = dirname(file);
    const folder = nearestFolder(wanted);
    const names = folders.get(folder);
    if (folder !== wanted) folders.set(folder, new Set());
    else if (names === undefined) folders.set(folder, new Set([basename(file)]));
    else if (names.size > 0) names.add(basename(file));
  }
  return folders;
}

/** Where a symbolic link leads: an editor may replace the file there. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function nearestFolder(folder: string): string {
  const parent = dirname(folder);
  if (parent === folder) return folder;
  return isFolder(folder) ? folder : nearestFolder(parent);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
