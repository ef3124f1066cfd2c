import { protectedVariables, secretVariables } from "../guarded-variables.ts";
import { referenceRows } from "./reference.ts";

/** A path whose `*` steps stand for any name or index. */
export type Pattern = readonly string[];

/** What no write through WebSocket, HTTP or the command may touch (config.md §10, §11.3): the schema says most of it. */
export interface GuardedKeys {
  /** Keys that hold a secret, and are sealed when written. */
  readonly secret: readonly Pattern[];
  /** Keys that must stay as they are, with all below them. */
  readonly protected: readonly Pattern[];
}

/** Reads the schema's marks, and adds the variables, which the schema does not name. */
export function guardedKeys(): GuardedKeys {
  const rows = referenceRows();
  const secret = rows.filter((row) => row.secret).map((row) => patternOf(row.path));
  const kept = rows.filter((row) => row.guarded).map((row) => patternOf(row.path));
  return {
    secret: [...secret, ...inEnv(secretVariables)],
    protected: [...kept, ...inEnv(protectedVariables)],
  };
}

/** `agents.list[].x` and `routes.<name>.x` with a `*` for what may be anything. */
function patternOf(path: string): Pattern {
  return path
    .replaceAll("[]", ".*")
    .split(".")
    .map((step) => (step.startsWith("<") ? "*" : step));
}

function inEnv(names: readonly string[]): Pattern[] {
  return names.flatMap((name) => [
    ["env", name],
    ["env", "vars", name],
  ]);
}
