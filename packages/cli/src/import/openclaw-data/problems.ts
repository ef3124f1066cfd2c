import type { PortableProblem, PortableStore } from "@carapace/state/portable";
import { shortLine } from "./text.ts";

/** Pure. What is told of a file or of one thing in it; text of the source in the sentence is made safe. */
export function problem(
  state: PortableProblem["state"],
  at: { readonly store: PortableStore; readonly path: string; readonly line?: number },
  say: string,
): PortableProblem {
  return { kind: "problem", state, ...at, path: shortLine(at.path, 300), say: shortLine(say, 600) };
}

/** What somebody else's error says, as the end of a sentence. */
export function sayOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
}
