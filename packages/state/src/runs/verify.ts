import type { Connection } from "../database/connection.ts";
import { integer } from "../database/row.ts";
import { type Piece, slices } from "../integrity/piece.ts";
import { type RunTable, selectRuns } from "./table.ts";

const pageSize = 250;

/** Checks all runs, and that none which ended is gone; the session of one that does not verify is reported. */
export function* runPieces(connection: Connection, runs: RunTable): Generator<Piece> {
  let after: number | undefined = -1;
  const checkPage = () => {
    const from = after ?? 0;
    after = undefined;
    const rows = connection.all(`${selectRuns} WHERE n > ? ORDER BY n LIMIT ?`, [from, pageSize]);
    for (const row of rows) runs.verify(row);
    const last = rows.at(-1);
    if (last !== undefined && rows.length === pageSize) after = integer(last, "n");
  };
  while (after !== undefined) yield { name: "runs", check: checkPage };
  for (const ids of slices(runs.endedIds(), pageSize))
    yield { name: "runs", check: () => ids.forEach((id) => void runs.find(id)) };
}
