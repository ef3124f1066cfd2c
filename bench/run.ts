/**
 * Prints every figure the project promises, as median and spread, beside its limit.
 * `npm run bench` for all but load and soak, which take minutes; `-- --short` for fewer samples; `-- startup chat` for
 * some; exits 1 if a limit is broken
 * (not in short mode, whose few samples on a shared machine prove nothing).
 */
import { cpus, totalmem } from "node:os";
import { type Figure, keepsLimit, type Measure, row } from "./figure.ts";

const measures: Readonly<Record<string, () => Promise<{ measure: Measure }>>> = {
  startup: () => import("./measures/startup.ts"),
  memory: () => import("./measures/memory.ts"),
  http: () => import("./measures/http.ts"),
  websocket: () => import("./measures/websocket.ts"),
  chat: () => import("./measures/chat.ts"),
  openai: () => import("./measures/openai.ts"),
  tasks: () => import("./measures/tasks.ts"),
  cron: () => import("./measures/cron.ts"),
  search: () => import("./measures/search.ts"),
  audit: () => import("./measures/audit.ts"),
  sealing: () => import("./measures/sealing.ts"),
  backup: () => import("./measures/backup.ts"),
  rekey: () => import("./measures/rekey.ts"),
  secrets: () => import("./measures/secrets.ts"),
  size: () => import("./measures/size.ts"),
  load: () => import("./measures/load.ts"),
  soak: () => import("./measures/soak.ts"),
};

/** These take minutes: only when they are named. */
const onlyNamed = new Set(["load", "soak"]);

const words = process.argv.slice(2);
const short = words.includes("--short");
const wanted = words.filter((word) => !word.startsWith("-"));

console.log(
  `machine: ${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, Bun ${Bun.version}`,
);
const figures: Figure[] = [];
for (const [name, load] of Object.entries(measures)) {
  if (wanted.length === 0 ? onlyNamed.has(name) : !wanted.includes(name)) continue;
  process.stderr.write(`measuring ${name} …\n`);
  const { measure } = await load();
  figures.push(...(await measure({ short })));
}

const rows = figures.map(row);
const widths = (rows[0] ?? []).map((_, column) =>
  Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
);
for (const cells of rows)
  console.log(
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
const broken = figures.filter((figure) => !keepsLimit(figure));
console.log(
  broken.length === 0
    ? "all limits kept"
    : `over the limit: ${broken.map((figure) => figure.name).join(", ")}`,
);
process.exit(broken.length > 0 && !short ? 1 : 0);
