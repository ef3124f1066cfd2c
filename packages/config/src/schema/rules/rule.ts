import type { JsonObject } from "@carapace/protocol";
import type { Finding } from "../../load/places.ts";
import { isRecord, valueAt } from "../../record.ts";
import type { Environment } from "../../types.ts";

/** What rules between keys look at: the resolved tree, as the owner wrote it, and the environment. */
export interface Subject {
  readonly tree: JsonObject;
  readonly env: Environment;
  /** A variable: from the `env` section first, then the process's own. */
  lookup(name: string): string | undefined;
}

/** A rule between keys, or about keys that are gone (config.md §8). Pure, and never throws, whatever the tree. */
export type Rule = (subject: Subject) => Finding[];

type Path = readonly (string | number)[];

export function error(path: Path, message: string): Finding {
  return { severity: "error", path, message };
}

export function warn(path: Path, message: string): Finding {
  return { severity: "warning", path, message };
}

/** The value at a path, or undefined. */
export function at(tree: unknown, ...path: (string | number)[]): unknown {
  return valueAt(tree, path);
}

/** `agents.defaults` and each entry of `agents.list`, with their paths. */
export function agentBlocks(tree: unknown): { path: (string | number)[]; block: Record<string, unknown> }[] {
  const list = at(tree, "agents", "list");
  const entries = Array.isArray(list)
    ? list.map((block, index) => ({ path: ["agents", "list", index], block }))
    : [];
  const all = [{ path: ["agents", "defaults"], block: at(tree, "agents", "defaults") }, ...entries];
  return all.flatMap(({ path, block }) => (isRecord(block) ? [{ path, block }] : []));
}

/** A text that is more than blanks. */
export function isFilled(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
