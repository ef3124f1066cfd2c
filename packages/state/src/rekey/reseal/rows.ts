import {
  blobColumns,
  bytes,
  integer,
  numberColumns,
  type Row,
  real,
  type SqlValue,
  text,
  textColumns,
} from "../../database/row.ts";
import type { Field } from "../../integrity/canonical.ts";
import type { DocumentTable } from "../../integrity/documents.ts";
import { note, pageSize, type Resealing, resealed } from "./types.ts";

type ColumnKind = "text" | "integer" | "real" | "bytes";

/** A table each row of which has one MAC over its own columns. */
export interface SealedRows {
  readonly table: string;
  /** What the MAC is of (integrity/macs.ts). */
  readonly kind: string;
  /** The columns the MAC covers, in its order. */
  readonly fields: readonly (readonly [name: string, kind: ColumnKind])[];
  /** What stands before them in the MAC. */
  readonly first?: readonly Field[];
  /** The columns that name a row, in the order of its index. */
  readonly key: readonly string[];
  /** Whether the register lists these rows. */
  readonly isListed: boolean;
}

const documentTables: readonly DocumentTable[] = [
  "cron_jobs",
  "tasks",
  "auth_profiles",
  "usage_aggregates",
  "imports",
  "outbox",
  "cron_runs",
  "hook_deliveries",
  "answers",
  "system_events",
  "responses",
];

/** Every table of single sealed rows; sessions and what is chained have files of their own. */
export const sealedRows: readonly SealedRows[] = [
  {
    table: "memory",
    kind: "memory",
    fields: [
      ["agent_id", "text"],
      ["key", "text"],
      ["value", "text"],
      ["origin", "text"],
      ["updated_at", "integer"],
    ],
    key: ["agent_id", "key"],
    isListed: true,
  },
  {
    table: "records",
    kind: "record",
    fields: [
      ["kind", "text"],
      ["name", "text"],
      ["body", "text"],
    ],
    key: ["kind", "name"],
    isListed: true,
  },
  ...documentTables.map(
    (table): SealedRows => ({
      table,
      kind: "document",
      first: [table],
      fields: [
        ["id", "text"],
        ["body", "text"],
      ],
      key: ["id"],
      isListed: true,
    }),
  ),
  {
    table: "inbound_events",
    kind: "inbound event",
    fields: [
      ["session_id", "text"],
      ["event_id", "text"],
      ["run_id", "text"],
    ],
    key: ["session_id", "event_id"],
    isListed: false,
  },
  {
    table: "audit",
    kind: "audit",
    fields: [
      ["seq", "integer"],
      ["at", "integer"],
      ["actor", "text"],
      ["event", "text"],
      ["data", "text"],
      ["prev_hash", "text"],
      ["hash", "text"],
    ],
    key: ["seq"],
    isListed: false,
  },
];

/** Reseals the rows of a table, some in each transaction. */
export function resealRows(work: Resealing, shape: SealedRows): void {
  for (let after: readonly SqlValue[] | undefined = []; after !== undefined; ) {
    const from: readonly SqlValue[] = after;
    after = work.connection.write(() => resealPage(work, shape, from));
  }
}

function resealPage(
  work: Resealing,
  shape: SealedRows,
  after: readonly SqlValue[],
): readonly SqlValue[] | undefined {
  const rows = work.connection.all(selectPage(shape, after.length > 0), after);
  for (const row of rows) resealRow(work, shape, row);
  work.count(rows.length);
  const last = rows.length === pageSize ? rows.at(-1) : undefined;
  return last === undefined ? undefined : keyOf(shape, last);
}

function resealRow(work: Resealing, shape: SealedRows, row: Row): void {
  const stored = bytes(row, "mac");
  const fields = [...(shape.first ?? []), ...shape.fields.map(([name, kind]) => read(row, name, kind))];
  const mac = resealed(work, stored, (macs) => macs.record(shape.kind, fields));
  if (mac === undefined) return;
  const names = shape.key.map((name) => `${name} = ?`).join(" AND ");
  work.connection.run(`UPDATE ${shape.table} SET mac = ? WHERE ${names}`, [mac, ...keyOf(shape, row)]);
  if (shape.isListed) note(work, stored, mac);
}

const columnOf: Readonly<Record<ColumnKind, (name: string) => string>> = {
  text: textColumns,
  integer: numberColumns,
  real: numberColumns,
  bytes: blobColumns,
};

/** Text is read as bytes, and a column of bytes is compared with none of text: hence the name of the table. */
function selectPage({ table, fields, key }: SealedRows, hasStart: boolean): string {
  const columns = [...fields.map(([name, kind]) => columnOf[kind](name)), blobColumns("mac")].join(", ");
  const own = key.map((name) => `${table}.${name}`).join(", ");
  const start = hasStart ? `WHERE (${own}) > (${key.map(() => "?").join(", ")})` : "";
  return `SELECT ${columns} FROM ${table} ${start} ORDER BY ${own} LIMIT ${pageSize}`;
}

function keyOf(shape: SealedRows, row: Row): SqlValue[] {
  return shape.key.map((name) =>
    read(row, name, shape.fields.find(([field]) => field === name)?.[1] ?? "text"),
  );
}

function read(row: Row, name: string, kind: ColumnKind): SqlValue {
  if (row[name] === null) return null;
  switch (kind) {
    case "text":
      return text(row, name);
    case "integer":
      return integer(row, name);
    case "real":
      return real(row, name);
    case "bytes":
      return bytes(row, name);
  }
}
