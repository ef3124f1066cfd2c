import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { layers, lazyOnly, subpathsOnly } from "./layers.ts";

/** One import or re-export: its whole statement, and what it imports from. */
const importPattern = /(?:\b(?:import|export)\b[^;"()]*?\bfrom\s*|\bimport\s+|\bimport\()\s*"([^"]+)"/g;

/** Imports against the arrows, past a package's public face, or of a lazily loaded package at the top. */
export function checkLayers(root: string, files: readonly string[]): string[] {
  return files.filter((file) => file.startsWith("packages/")).flatMap((file) => problemsOf(root, file));
}

function problemsOf(root: string, file: string): string[] {
  const owner = file.split("/")[1] ?? "";
  const allowed = layers[owner];
  if (allowed === undefined) return [`${file}: package ${owner} has no layer in scripts/layers.ts`];
  const text = readFileSync(join(root, file), "utf8");
  const isTest = /\.test\.ts$|\/testing\//.test(file);
  const problems: string[] = [];
  for (const [statement, target = ""] of text.matchAll(importPattern)) {
    const reached = target.startsWith(".") ? posix.join(posix.dirname(file), target) : file;
    if (reached.startsWith("packages/") && !reached.startsWith(`packages/${owner}/`)) {
      problems.push(`${file}: imports ${target}; import the package by its name`);
    }
    const imported = /^@carapace\/([a-z-]+)/.exec(target)?.[1];
    if (imported === undefined || imported === owner) continue;
    if (!allowed.includes(imported)) problems.push(`${file}: ${owner} may not import ${imported}`);
    const isType = /^(?:import|export)\s+type\b/.test(statement);
    if (!isType && target === `@carapace/${imported}` && subpathsOnly[owner]?.includes(imported)) {
      problems.push(`${file}: load a subpath of ${target}, not its index`);
    }
    if (
      !isTest &&
      !isType &&
      lazyOnly[owner]?.includes(imported) &&
      !statement.startsWith("import(") &&
      target === `@carapace/${imported}`
    ) {
      problems.push(`${file}: load ${target} with await import() where it is used`);
    }
  }
  return problems;
}
