import { parentPort, workerData } from "node:worker_threads";
import Database from "libsql";
import type { Row } from "../database/row.ts";
import { checkTable, tableNames, WorkerTask } from "./tables.ts";

const { file, key, busyTimeoutMs } = WorkerTask.parse(workerData);
const settings = {
  encryptionCipher: "aes256cbc",
  encryptionKey: key,
  timeout: busyTimeoutMs,
  readonly: true,
};
const db = new Database(file, settings);
try {
  const query = (sql: string) => db.prepare(sql).all([]) as Row[];
  const findings = tableNames(query).map((table) => checkTable(query, table));
  parentPort?.postMessage(findings.filter((finding) => finding !== undefined));
} finally {
  db.close();
}
