/** One step of a pattern's program. Targets are relative, so that a fragment may stand anywhere. */
export type Step =
  | { readonly kind: "one"; readonly accepts: (char: string) => boolean }
  | { readonly kind: "fork"; readonly first: number; readonly second: number }
  | { readonly kind: "jump"; readonly by: number }
  | { readonly kind: "start" }
  | { readonly kind: "end" };

/**
 * Whether a program matches anywhere in a text: all its places are followed side by side, so that the cost is at most
 * the product of both lengths, whatever the pattern (there is no backtracking).
 */
export function runProgram(program: readonly Step[], text: string): boolean {
  const chars = [...text];
  let current: number[] = [];
  for (let at = 0; at <= chars.length; at += 1) {
    // A match may begin at every place of the text.
    const reached = follow(program, [...current, 0], { isStart: at === 0, isEnd: at === chars.length });
    if (reached === "matched") return true;
    const char = chars[at];
    current = char === undefined ? [] : reached.filter((place) => takes(program[place], char));
    current = current.map((place) => place + 1);
  }
  return false;
}

function takes(step: Step | undefined, char: string): boolean {
  return step?.kind === "one" && step.accepts(char);
}

interface Position {
  readonly isStart: boolean;
  readonly isEnd: boolean;
}

/** The places that wait for a character, reached from these without one. */
function follow(
  program: readonly Step[],
  places: readonly number[],
  { isStart, isEnd }: Position,
): number[] | "matched" {
  const seen = new Set<number>();
  const open = [...places];
  const waiting: number[] = [];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (seen.has(place)) continue;
    seen.add(place);
    const step = program[place];
    if (step === undefined) return "matched";
    if (step.kind === "one") waiting.push(place);
    else if (step.kind === "fork") open.push(place + step.first, place + step.second);
    else if (step.kind === "jump") open.push(place + step.by);
    else if (step.kind === "start" ? isStart : isEnd) open.push(place + 1);
  }
  return waiting;
}
