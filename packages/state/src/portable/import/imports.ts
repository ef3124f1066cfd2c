import { once } from "@carapace/protocol";
import { z } from "zod";
import { Documents } from "../../integrity/documents.ts";
import type { SealedDeps } from "../../integrity/sealed.ts";
import { type PortableFile, portableStores } from "../types.ts";

const Sidecar = z.enum(["valid", "promoted", "mismatch", "missing", "unchecked", "none"]);

/** One file that was imported: running the import again adds nothing of it (state.md §16). */
const importRecord = once(() =>
  z.object({
    source: z.string(),
    path: z.string(),
    sha256: z.string(),
    store: z.enum(portableStores),
    importedAtMs: z.number(),
    /** Of a log: how many lines it had, and the digest of them, so that what it has grown by is known. */
    lines: z.object({ count: z.int(), sha256: z.string() }).optional(),
    /** What the sidecars of a session's files said then. */
    integrity: z
      .object({ metadata: Sidecar, history: Sidecar, archive: Sidecar, isEncrypted: z.boolean() })
      .optional(),
  }),
);
export type ImportRecord = z.infer<ReturnType<typeof importRecord>>;

/** The imports that were made. */
export class ImportLog {
  readonly documents: Documents<ImportRecord>;

  constructor(deps: SealedDeps) {
    this.documents = new Documents(deps, {
      table: "imports",
      name: "import",
      schema: importRecord,
      pages: 64,
    });
  }

  find(source: string, path: string): ImportRecord | undefined {
    return this.documents.find(idOf(source, path));
  }

  /** True if this very file was imported. */
  has(source: string, { path, sha256 }: PortableFile): boolean {
    return this.find(source, path)?.sha256 === sha256;
  }

  save(record: ImportRecord): void {
    this.documents.save(idOf(record.source, record.path), record);
  }
}

function idOf(source: string, path: string): string {
  return JSON.stringify([source, path]);
}
