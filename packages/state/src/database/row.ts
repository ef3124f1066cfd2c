import { StateError } from "../errors.ts";

export type SqlValue = null | number | string | Uint8Array;

/** One row as SQLite gives it: column → value. */
export type Row = { readonly [column: string]: unknown };

function wrong(column: string): StateError {
  return new StateError("corrupt", `A stored value of "${column}" has the wrong type.`);
}

/** The text of a column. @throws StateError `corrupt` */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw wrong(column);
  return value;
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
