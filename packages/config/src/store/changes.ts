import { dottedPath } from "../load/issue-path.ts";
import { isRecord } from "../record.ts";
import { type Config, ConfigSchema } from "../schema/index.ts";
import { isLater } from "../schema/later.ts";
import { follow } from "../schema/shape.ts";
import { Secret } from "../secret.ts";

/** Changed keys, by when they take effect (config.md §13, column Live). */
export interface Changes {
  readonly applied: string[];
  readonly needsRestart: string[];
}

/** Compares two effective configurations. Lists are one key; keys that nothing reads are left out. */
export function changesBetween(before: Config, after: Config): Changes {
  const changes: Changes = { applied: [], needsRestart: [] };
  compare({ before, after, path: [] }, changes);
  return changes;
}

interface Pair {
  readonly before: unknown;
  readonly after: unknown;
  readonly path: readonly string[];
}

function compare({ before, after, path }: Pair, changes: Changes): void {
  if (isPlain(before) && isPlain(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare({ before: before[name], after: after[name], path: [...path, name] }, changes);
    }
    return;
  }
  if (!differs(before, after) || isLater(path)) return;
  const { effect = "live" } = follow(ConfigSchema, path).facts;
  if (effect === "restart") changes.needsRestart.push(dottedPath(path));
  else if (effect !== "inert") changes.applied.push(dottedPath(path));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && !(value instanceof Secret);
}

function differs(before: unknown, after: unknown): boolean {
  return !Bun.deepEquals(comparable(before), comparable(after), true);
}

/** A copy in which secrets can be compared; it is never shown. */
function comparable(value: unknown): unknown {
  if (value instanceof Secret) return [value.reveal()];
  if (Array.isArray(value)) return value.map(comparable);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, comparable(inner)]));
}
