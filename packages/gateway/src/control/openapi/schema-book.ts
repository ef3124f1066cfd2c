import { isRecord } from "@carapace/protocol";
import { z } from "zod";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Gathers what schemas refer to, as in OpenAPI a reference leads from the root of the whole document. */
export interface SchemaBook {
  /** @param name Of the place it is for; what it refers to is filed under it. @param io `input` for what callers send */
  describe(schema: z.ZodType, name: string, io: "input" | "output"): JsonSchema;
  /** What was filed. */
  schemas(): Readonly<Record<string, JsonSchema>>;
}

export function createSchemaBook(): SchemaBook {
  const filed = new Map<string, JsonSchema>();
  return {
    describe(schema, name, io) {
      const { $schema, $defs, ...root } = z.toJSONSchema(schema, { io, unrepresentable: "any", override });
      const defs = isRecord($defs) ? $defs : {};
      const places = new Map(Object.keys(defs).map((key) => [`#/$defs/${key}`, `${name}.${nameOf(key)}`]));
      places.set("#", name);
      for (const [key, inner] of Object.entries(defs))
        filed.set(`${name}.${nameOf(key)}`, recordOf(relinked(inner, places)));
      if (!refersTo(root, "#") && !Object.values(defs).some((inner) => refersTo(inner, "#")))
        return recordOf(relinked(root, places));
      filed.set(name, recordOf(relinked(root, places)));
      return { $ref: linkTo(name) };
    },
    schemas: () => Object.fromEntries([...filed].sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}

/** What we answer may grow: only what is strict on purpose takes no further field. */
function override({ zodSchema, jsonSchema }: Parameters<Override>[0]): void {
  const { def } = zodSchema._zod;
  if (def.type === "object" && def.catchall === undefined) delete jsonSchema.additionalProperties;
}

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>["override"]>;

function relinked(value: unknown, places: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => relinked(item, places));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const place = key === "$ref" ? places.get(String(inner)) : undefined;
      return [key, place === undefined ? relinked(inner, places) : linkTo(place)];
    }),
  );
}

function refersTo(value: unknown, link: string): boolean {
  if (Array.isArray(value)) return value.some((item) => refersTo(item, link));
  if (!isRecord(value)) return false;
  return value["$ref"] === link || Object.values(value).some((inner) => refersTo(inner, link));
}

/** Names of components have letters, digits, dots, dashes and underscores only. */
function nameOf(key: string): string {
  return key.replace(/[^\w.-]/g, "_");
}

function linkTo(name: string): string {
  return `#/components/schemas/${name}`;
}

function recordOf(value: unknown): JsonSchema {
  return isRecord(value) ? value : {};
}
