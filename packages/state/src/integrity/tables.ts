import { systemCode } from "@carapace/files";
import { z } from "zod";
import { isCorruption } from "../database/failure.ts";
import { lossyText, type Row, textColumns } from "../database/row.ts";

/** Rows of a statement. */
type Query = (sql: string) => readonly Row[];

/** A table that does not hold together, and how SQLite puts it. */
export const TableFinding = z.object({ table: z.string(), say: z.string() });
export type TableFinding = z.infer<typeof TableFinding>;

/** The tables SQLite can check one by one; those under a search index are checked with it. */
export function tableNames(query: Query): string[] {
  return query(`SELECT ${textColumns("name")} FROM sqlite_schema WHERE type = 'table'`)
    .map((row) => lossyText(row, "name"))
    .filter((name) => !/_index_\w+$/.test(name) && /^\w+$/.test(name));
}

/** SQLite's own check of a table and its indexes: takes about 2 ms for each MB of it. */
export function checkTable(query: Query, table: string): TableFinding | undefined {
  try {
    const findings = query(checkSql(table)).map((row) => lossyText(row, "integrity_check"));
    if (findings.length === 1 && findings[0] === "ok") return undefined;
    return { table, say: findings.slice(0, 3).join("; ").slice(0, 300) };
  } catch (error) {
    // A schema that does not name what there is, is damage, too.
    if (!isCorruption(error) && systemCode(error) !== "SQLITE_ERROR") throw error;
    return { table, say: "it cannot be read in full" };
  }
}

// A finding has names from the schema in it, whatever those were made of.
function checkSql(table: string): string {
  return `SELECT ${textColumns("integrity_check")} FROM pragma_integrity_check('${table}')`;
}

/** What the worker is given. */
export const WorkerTask = z.object({ file: z.string(), key: z.string(), busyTimeoutMs: z.number() });
export type WorkerTask = z.infer<typeof WorkerTask>;

/** The same for all tables, in a thread and a connection of its own: a large table would hold everything up. */
export async function checkTablesApart(task: WorkerTask, signal?: AbortSignal): Promise<TableFinding[]> {
  const { Worker } = await import("node:worker_threads");
  const answer = Promise.withResolvers<unknown>();
  const worker = new Worker(new URL("./tables-worker.ts", import.meta.url), { workerData: task });
  const stop = () => answer.reject(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  worker.once("message", answer.resolve);
  worker.once("error", answer.reject);
  worker.once("exit", () => answer.reject(new Error("the table check ended without an answer")));
  try {
    return z.array(TableFinding).parse(await answer.promise);
  } finally {
    signal?.removeEventListener("abort", stop);
    // It ends by itself once its tables are checked; nothing waits for that.
    worker.unref();
  }
}
