/**
 * Writes `docs/reference/` from the schemas and the routes (`--write`), or fails if a page there is not current (`--check`).
 * The pages are never edited by hand.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cliPage } from "./reference/cli.ts";
import { configPage } from "./reference/config.ts";
import { httpPage, openApiFile } from "./reference/http.ts";
import { protocolPage } from "./reference/protocol.ts";

const folder = join(import.meta.dir, "..", "docs", "reference");
const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  "cli.md": cliPage,
  "config.md": configPage,
  "http.md": httpPage,
  "openapi.json": openApiFile,
  "protocol.md": protocolPage,
};

const write = process.argv.includes("--write");
mkdirSync(folder, { recursive: true });
const stale: string[] = [];
for (const [name, page] of Object.entries(pages)) {
  const path = join(folder, name);
  const text = await page();
  if (write) writeFileSync(path, text);
  else if (read(path) !== text) stale.push(name);
}
for (const name of stale) console.error(`docs/reference/${name} is not current; run: npm run docs`);
process.exit(stale.length > 0 ? 1 : 0);

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
