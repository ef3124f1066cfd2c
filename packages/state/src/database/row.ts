import { StateError } from "../errors.ts";

export type SqlValue = null | number | string | Uint8Array;

/** One row as SQLite gives it: column → value. */
export type Row = { readonly [column: string]: unknown };

function wrong(column: string): StateError {
  const say = `A stored ${column} cannot be read: a part of the database is damaged. Restore a backup.`;
  return new StateError("corrupt", say);
}

// Every stored column is asked for by one of the next three. The engine's binding ends the whole process when it meets
// text that is not UTF-8, and one flipped byte in a record makes such a text of any column, whatever its table declares.
// Only a row's own number (`INTEGER PRIMARY KEY`) is never text. The columns keep their names, so that `ORDER BY` and
// `GROUP BY` must name the table, too, to mean (and use an index over) what is stored.

/** Text columns for a SELECT, as bytes: for `text`, `optionalText` and `lossyText`. */
export function textColumns(...names: readonly string[]): string {
  return selected(names, (name) => `CAST(${name} AS BLOB)`);
}

/** Columns of whole or real numbers, or `EXPRESSION AS name`; a text there is damage to whoever reads it. */
export function numberColumns(...names: readonly string[]): string {
  return selected(names, (name) => `iif(typeof(${name}) = 'text', x'', ${name})`);
}

/** Columns of bytes; a text there is damage to whoever reads it. */
export function blobColumns(...names: readonly string[]): string {
  return selected(names, (name) => `iif(typeof(${name}) = 'text', 0, ${name})`);
}

function selected(names: readonly string[], read: (name: string) => string): string {
  const columns = names.map((name) => {
    const [value = name, alias = name.slice(name.indexOf(".") + 1)] = name.split(" AS ");
    return `${read(value)} AS ${alias}`;
  });
  return columns.join(", ");
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of a column that was asked for with `textColumns`. @throws StateError `corrupt` */
export function text(row: Row, column: string): string {
  try {
    return strict.decode(bytes(row, column));
  } catch {
    throw wrong(column);
  }
}

/** The text of a column, whatever it holds; for warnings. */
export function lossyText(row: Row, column: string): string {
  const value = row[column];
  return value instanceof Uint8Array || value instanceof ArrayBuffer
    ? Buffer.from(bytes(row, column)).toString()
    : "?";
}

export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

/** The whole number of a column. @throws StateError `corrupt` */
export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw wrong(column);
  return value;
}

export function optionalInteger(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : integer(row, column);
}

export function real(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw wrong(column);
  return value;
}

/** The bytes of a column. @throws StateError `corrupt` */
export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  // The engine gives a list's blobs as bare buffers.
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw wrong(column);
}

/** The MAC that stands beside a row; where none can be read an empty one, which matches nothing. */
export function storedMac(row: Row): Uint8Array {
  const value = row["mac"];
  return value instanceof Uint8Array || value instanceof ArrayBuffer ? bytes(row, "mac") : new Uint8Array();
}

/** What `read` makes of a row; undefined if one of its columns cannot be read. */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof StateError && error.code === "corrupt") return undefined;
    throw error;
  }
}

export function optionalBytes(row: Row, column: string): Uint8Array | undefined {
  return row[column] === null ? undefined : bytes(row, column);
}
