import type { PortableRepository } from "../types.ts";
import type { PortableDeps } from "./deps.ts";

/** Import and export; what they need is loaded once they are asked for. */
export function createPortable(deps: PortableDeps): PortableRepository {
  return {
    import: async (items, options) => {
      const { importItems } = await import("./import/importer.ts");
      return await importItems(deps, items, options);
    },
    write: async function* (options) {
      const { writeSections } = await import("./write/sections.ts");
      yield* writeSections(deps, options);
    },
  };
}
