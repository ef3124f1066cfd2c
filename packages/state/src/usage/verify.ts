import type { DamageLog } from "../integrity/damage.ts";
import type { Piece } from "../integrity/piece.ts";
import type { LogPlace, UsageTable } from "./table.ts";

/** Checks the usage logs of all sessions; one that is not as it was written is reported. */
export function* usagePieces(usage: UsageTable, damage: DamageLog): Generator<Piece> {
  const keys = new Set<string>();
  yield { name: "usage", check: () => usage.collectKeys(keys) };
  for (const key of keys) yield* logPieces(usage, damage, key);
}

function* logPieces(usage: UsageTable, damage: DamageLog, key: string): Generator<Piece> {
  let place: LogPlace | undefined = usage.start;
  const checkPage = () => {
    const from = place ?? usage.start;
    place = undefined;
    const next = usage.verifyPage(key, from);
    // Between two pieces the log may have been cleared: what looks wrong is looked at again, in one go.
    if (next === "broken" && !usage.verify(key)) report(damage, key);
    if (typeof next === "object") place = next;
  };
  while (place !== undefined) yield { name: "usage", check: checkPage };
}

function report(damage: DamageLog, key: string): void {
  const say = `The usage log of the session "${key}" was changed outside of this program: its sums cannot be trusted. Clear it, or restore a backup.`;
  damage.report({ scope: "database", name: `usage ${key}`, say });
}
