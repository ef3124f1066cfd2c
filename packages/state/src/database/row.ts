import { StateError } from "../errors.ts";

export type SqlValue = null | number | string | Uint8Array;

/** One row as SQLite gives it: column → value. */
export type Row = { readonly [column: string]: unknown };

function wrong(column: string): StateError {
  const say = `A stored ${column} cannot be read: a part of the database is damaged. Restore a backup.`;
  return new StateError("corrupt", say);
}

/**
 * Text columns for a SELECT. They are asked for as bytes, since the engine's binding ends the whole process when it
 * meets text that is not UTF-8, which is what a flipped byte in the file makes of it.
 */
export function textColumns(...names: readonly string[]): string {
  return names.map((name) => `CAST(${name} AS BLOB) AS ${name.slice(name.indexOf(".") + 1)}`).join(", ");
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

export function optionalBytes(row: Row, column: string): Uint8Array | undefined {
  return row[column] === null ? undefined : bytes(row, column);
}
