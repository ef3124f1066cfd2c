import type { Piece, Turn } from "./types.ts";

/**
 * Pure. Results stay where their call is right before them; any other, which a vendor would refuse, is told as the
 * user's words. Turns without anything in them are dropped.
 */
export function settleResults(turns: readonly Turn[]): Turn[] {
  const settled: Turn[] = [];
  let open = new Set<string>();
  for (const turn of turns) {
    if (turn.role !== "tool") {
      open = callsIn(turn, settled.at(-1)?.role === "assistant" ? open : new Set());
      if (turn.pieces.length > 0) settled.push(turn);
      continue;
    }
    const own = turn.pieces.filter((piece) => piece.kind !== "result" || open.has(piece.id));
    const strange = turn.pieces.filter((piece) => piece.kind === "result" && !open.has(piece.id));
    for (const piece of own) if (piece.kind === "result") open.delete(piece.id);
    if (own.length > 0) settled.push({ ...turn, pieces: own });
    if (strange.length > 0) settled.push({ role: "user", pieces: strange.map(asText) });
  }
  return settled;
}

function callsIn({ role, pieces }: Turn, before: ReadonlySet<string>): Set<string> {
  if (role !== "assistant") return new Set();
  const ids = pieces.flatMap((piece) => (piece.kind === "call" ? [piece.id] : []));
  return new Set([...before, ...ids]);
}

function asText(piece: Piece): Piece {
  return piece.kind === "result" ? { kind: "text", text: `(result of ${piece.id}: ${piece.text})` } : piece;
}
