/**
 * Runs the tests (all, or those whose path holds an argument) and ends with one line `N passed, N failed`.
 * Everything after `--` goes to `bun test` as it is.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const scratch = mkdtempSync(join(tmpdir(), "carapace-test-"));
const report = join(scratch, "junit.xml");
const filters = process.argv.slice(2);

const run = Bun.spawn(
  [
    process.execPath,
    "--no-env-file",
    "test",
    "--parallel=2",
    "--timeout=20000",
    "--only-failures",
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    ...(filters.length > 0 ? filters : ["./packages", "./test"]),
  ],
  {
    cwd: root,
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    env: { ...process.env, TMPDIR: scratch, NO_COLOR: "1" },
  },
);
const code = await run.exited;
const totals = readTotals(report);
rmSync(scratch, { recursive: true, force: true });

for (const name of totals.skippedNames) console.log(`skipped: ${name}`);
// A run that broke outside a test (a file that does not load) counts as one failure: it must never look green.
const failed = totals.failed === 0 && code !== 0 ? 1 : totals.failed;
const skipped = totals.skippedNames.length;
console.log(`${totals.passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exit(failed > 0 || totals.passed === 0 ? 1 : 0);

function readTotals(path: string): { passed: number; failed: number; skippedNames: string[] } {
  let xml = "";
  try {
    xml = readFileSync(path, "utf8");
  } catch {
    return { passed: 0, failed: 1, skippedNames: [] };
  }
  const skippedNames: string[] = [];
  let passed = 0;
  let failed = 0;
  for (const [testcase, attributes = "", body = ""] of xml.matchAll(
    /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    if (body.includes("<failure") || body.includes("<error")) failed += 1;
    else if (testcase.includes("<skipped"))
      skippedNames.push(decodeEntities(/\bname="([^"]*)"/.exec(attributes)?.[1] ?? "?"));
    else passed += 1;
  }
  return { passed, failed, skippedNames };
}

function decodeEntities(text: string): string {
  const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
