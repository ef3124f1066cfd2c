import type { Connection } from "../../database/connection.ts";
import { type Macs, macText, sameMac } from "../../integrity/macs.ts";

/**
 * What resealing works with. The rule everywhere: a MAC that is right under the old keys is replaced by the one of the
 * new keys; one that is not stays as it is, so that what was damaged before is damaged afterwards.
 */
export interface Resealing {
  readonly connection: Connection;
  readonly old: Macs;
  readonly fresh: Macs;
  /** Old MAC → new MAC, as text, of what the register lists. */
  readonly moved: Map<string, string>;
  /** So many rows are done. */
  readonly count: (rows: number) => void;
}

/** How many rows are changed in one transaction. */
export const pageSize = 500;

/** Notes the new MAC of something the register lists. */
export function note({ moved }: Resealing, old: Uint8Array, fresh: Uint8Array): void {
  moved.set(macText(old), macText(fresh));
}

/** The new MAC of a record, or undefined if the old one is not right. */
export function resealed(
  { old, fresh }: Pick<Resealing, "old" | "fresh">,
  stored: Uint8Array | undefined,
  mac: (macs: Macs, keys: "old" | "fresh") => Uint8Array,
): Uint8Array | undefined {
  return sameMac(mac(old, "old"), stored) ? mac(fresh, "fresh") : undefined;
}
