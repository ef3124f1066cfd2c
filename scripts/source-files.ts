import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

/** Every TypeScript file of the project, relative to `root`, sorted. */
export function sourceFiles(root: string): string[] {
  return ["packages", "scripts", "test", "bench"]
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter(
      (entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.parentPath.includes("node_modules"),
    )
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}
