import { readFileSync } from "node:fs";
import { join } from "node:path";

const maxLines = 500;
/** Files over the limit, with the reason; this list only shrinks. */
const exceptions: Readonly<Record<string, string>> = {};

/** Files over {@link maxLines}, and a tree whose files grow: at most 5 % over 300 lines. */
export function checkSizes(root: string, files: readonly string[]): string[] {
  const lines = files.map((file) => ({
    file,
    count: readFileSync(join(root, file), "utf8").split("\n").length - 1,
  }));
  const tooLong = lines.filter(({ file, count }) => count > maxLines && exceptions[file] === undefined);
  const long = lines.filter(({ count }) => count > 300);
  return [
    ...tooLong.map(({ file, count }) => `${file}: ${count} lines, limit ${maxLines}`),
    ...(long.length > files.length * 0.05
      ? [
          `${long.length} of ${files.length} files have over 300 lines: ${long.map(({ file }) => file).join(", ")}`,
        ]
      : []),
    ...Object.keys(exceptions)
      .filter((file) => !tooLong.some((entry) => entry.file === file) && !files.includes(file))
      .map((file) => `${file}: no longer needs its exception in scripts/check-sizes.ts`),
  ];
}
