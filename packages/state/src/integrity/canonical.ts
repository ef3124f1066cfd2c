/** What can stand in a MACed record. `undefined` counts as null. */
export type Field = string | number | Uint8Array | null | undefined;

function encodeField(field: Field): string {
  if (field === null || field === undefined) return "n;";
  if (typeof field === "number") return `i${field};`;
  if (typeof field === "string") return `s${field.length}:${field};`;
  return `b${field.length}:${Buffer.from(field).toString("base64")};`;
}

/**
 * The one byte string that stands for these fields: each has its type and its length in front, so that no two
 * different lists give the same bytes. Lengths of text are in UTF-16 units.
 */
export function canonical(fields: readonly Field[]): string {
  let encoded = `${fields.length};`;
  for (const field of fields) encoded += encodeField(field);
  return encoded;
}
