import type { Connection } from "../database/connection.ts";
import type { DamageLog } from "./damage.ts";
import { type Macs, macText, sameMac } from "./macs.ts";
import type { SealGroup, Seals } from "./seals.ts";

/** What a table of sealed records works with. */
export interface SealedDeps {
  readonly connection: Connection;
  readonly macs: Macs;
  readonly seals: Seals;
  readonly damage: DamageLog;
}

/** A record as it was read: the MAC over what it holds now, and the one that stands beside it. */
export interface ReadRecord {
  readonly name: string;
  readonly mac: Uint8Array;
  readonly storedMac: Uint8Array;
}

/** What is wrong with a record whose MAC is its stamp in the register: the rest of a sentence; undefined if nothing is. */
export function flawOf(seals: Seals, group: SealGroup, record: ReadRecord): string | undefined {
  if (!sameMac(record.mac, record.storedMac)) return "does not match its seal";
  const seal = seals.find(group, record.name);
  if (seal.kind === "broken") return "stands on a damaged register page";
  if (seal.kind === "absent") return "was slipped in";
  return seal.stamp === macText(record.mac) ? undefined : "is an older copy";
}
