import type { Piece, Turn } from "./types.ts";

/**
 * Pure. What an assistant said and called in one go is one turn, and its results stand right behind it; any other
 * result, which a vendor would refuse, is told as the user's words after them. Turns without anything in them are dropped.
 */
export function settleResults(turns: readonly Turn[]): Turn[] {
  const settled: Turn[] = [];
  let open = new Set<string>();
  let strange: Piece[] = [];
  const tellStrange = () => {
    if (strange.length > 0) settled.push({ role: "user", pieces: strange.map(asText) });
    strange = [];
  };
  for (const turn of turns) {
    if (turn.pieces.length === 0) continue;
    if (turn.role === "tool") {
      const own: Piece[] = [];
      for (const piece of turn.pieces) {
        // A second result of one call is as strange as one of no call.
        const isOwn = piece.kind !== "result" || open.delete(piece.id);
        (isOwn ? own : strange).push(piece);
      }
      if (own.length > 0) settled.push({ ...turn, pieces: own });
      continue;
    }
    tellStrange();
    const last = settled.at(-1);
    if (turn.role === "assistant" && last?.role === "assistant")
      settled[settled.length - 1] = { role: "assistant", pieces: [...last.pieces, ...turn.pieces] };
    else settled.push(turn);
    open = callsIn(settled.at(-1));
  }
  tellStrange();
  return settled;
}

function callsIn(turn: Turn | undefined): Set<string> {
  if (turn?.role !== "assistant") return new Set();
  return new Set(turn.pieces.flatMap((piece) => (piece.kind === "call" ? [piece.id] : [])));
}

function asText(piece: Piece): Piece {
  return piece.kind === "result" ? { kind: "text", text: `(result of ${piece.id}: ${piece.text})` } : piece;
}
