import { lossyText, textColumns } from "../database/row.ts";
import { type Piece, slices } from "../integrity/piece.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { notePage, readNote, sealedNotes } from "./memory.ts";

const pageSize = 250;

/** Checks all notes of all agents; what does not verify, or is gone, is reported. */
export function* memoryPieces(deps: SealedDeps): Generator<Piece> {
  const agents = new Set<string>();
  yield { name: "memory", check: () => collectAgents(deps, agents) };
  for (const agent of agents) yield* agentPieces(deps, agent);
}

function collectAgents(deps: SealedDeps, agents: Set<string>): void {
  for (const row of deps.connection.all(`SELECT DISTINCT ${textColumns("agent_id")} FROM memory`))
    agents.add(lossyText(row, "agent_id"));
  for (const name of deps.seals.groups("memory")) agents.add(name);
}

function* agentPieces(deps: SealedDeps, agentId: string): Generator<Piece> {
  const seen = new Set<string>();
  let after: string | undefined = "";
  const checkPage = () => {
    const from = after ?? "";
    after = undefined;
    const keys = notePage(deps, agentId, { after: from, limit: pageSize });
    for (const key of keys) seen.add(key);
    if (keys.length === pageSize) after = keys.at(-1);
  };
  while (after !== undefined) yield { name: "memory", check: checkPage };
  const unseen = sealedNotes(deps, agentId).filter((key) => !seen.has(key));
  // A note may have been written or forgotten meanwhile: each is looked at again.
  for (const keys of slices(unseen, pageSize))
    yield { name: "memory", check: () => keys.forEach((key) => void readNote(deps, agentId, key)) };
}
