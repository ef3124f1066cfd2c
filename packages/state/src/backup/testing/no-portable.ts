import type { PortableWriter } from "../portable-files.ts";
import type { PortableReader } from "../restore/types.ts";

/** For tests of full archives, which have nothing to do with the reference's files. */
export const noPortable: { readonly write: PortableWriter; readonly reader: PortableReader } = {
  write: () => {
    throw new Error("nothing portable is asked for");
  },
  reader: {
    read: () => {
      throw new Error("nothing portable is asked for");
    },
    take: async () => {
      throw new Error("nothing portable is asked for");
    },
  },
};
