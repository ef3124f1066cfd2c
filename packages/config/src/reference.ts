import type { ReferenceRow } from "./schema/reference.ts";

/** Every key of the file, in the schema's order: the source of the generated reference page. */
export async function configReference(): Promise<ReferenceRow[]> {
  const { referenceRows } = await import("./schema/reference.ts");
  return referenceRows();
}

/** The file's JSON Schema (draft 7): what `config.schema` answers and editors complete from. */
export async function configJsonSchema(): Promise<Record<string, unknown>> {
  const { fileSchema } = await import("./schema/reference.ts");
  return fileSchema();
}
