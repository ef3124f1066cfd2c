import type { Json } from "@carapace/protocol";
import { type Path, positionsOf } from "../json5/locate.ts";
import type { Issue } from "../types.ts";
import { issuePath } from "./issue-path.ts";
import type { Origins } from "./merge.ts";
import { readConfigFile } from "./read.ts";

/** An issue that does not know its place yet. */
export interface Finding {
  readonly severity: Issue["severity"];
  readonly path: Path;
  readonly message: string;
}

/** What is needed to say where a value of the merged tree was written. */
export interface Sources {
  readonly mainFile: string;
  readonly mainText: string | null;
  /** The merged tree `origins` speaks of. */
  readonly tree: Json;
  readonly origins: Origins;
}

/** Adds file, line and column to findings, reading the texts again only if there are any. Never throws. */
export async function placeFindings(findings: readonly Finding[], sources: Sources): Promise<Issue[]> {
  const issues = findings.map((finding): Issue => {
    return { severity: finding.severity, path: issuePath(finding.path), message: finding.message };
  });
  if (findings.length === 0 || sources.mainText === null) return issues;
  const byFile = new Map<string, { index: number; path: Path }[]>();
  for (const [index, finding] of findings.entries()) {
    const found = sources.origins.find(sources.tree, finding.path);
    const file = found?.origin.file ?? sources.mainFile;
    const path = found ? [...found.origin.path, ...found.rest] : finding.path;
    byFile.set(file, [...(byFile.get(file) ?? []), { index, path }]);
  }
  for (const [file, wanted] of byFile) {
    const text = file === sources.mainFile ? sources.mainText : textOf(file);
    if (text === undefined) continue;
    const positions = await positionsOf(
      text,
      wanted.map((one) => one.path),
    );
    for (const [nth, { index }] of wanted.entries()) {
      const position = positions[nth];
      const issue = issues[index];
      if (position && issue) issues[index] = { ...issue, at: { file, ...position } };
    }
  }
  return issues;
}

/** The text of a file, as far as it can be read now. */
export function textOf(file: string): string | undefined {
  try {
    return readConfigFile(file)?.text;
  } catch {
    // The file changed since: the issue stands, only its place is unknown.
    return undefined;
  }
}
