import type { ValueNode } from "@humanwhocodes/momoa";

/** A place in a text, 1-based. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The way to a value: object keys and array indexes. */
export type Path = readonly (string | number)[];

/** The line and column of an index into a text. */
function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split(/\r\n|[\n\r\u2028\u2029]/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Where a syntax fault stands; undefined if nobody can tell. */
export async function positionOfFault(
  text: string,
  offset: number | undefined,
): Promise<Position | undefined> {
  if (offset !== undefined) return positionAt(text, offset);
  if (text.trim() === "") return { line: 1, column: 1 };
  const { parse } = await import("@humanwhocodes/momoa");
  try {
    return findKey(parse(text, { mode: "json5" }).body, "__proto__");
  } catch (error) {
    return thrownPosition(error);
  }
}

/** The parser's errors carry their place. */
function thrownPosition(error: unknown): Position | undefined {
  if (!(error instanceof Error) || !("line" in error) || !("column" in error)) return undefined;
  const { line, column } = error;
  return typeof line === "number" && typeof column === "number" ? { line, column } : undefined;
}

function findKey(node: ValueNode, name: string): Position | undefined {
  if (node.type === "Array")
    return firstOf(
      node.elements.map((element) => element.value),
      name,
    );
  if (node.type !== "Object") return undefined;
  const own = node.members.find((member) => keyOf(member.name) === name);
  return own
    ? { line: own.loc.start.line, column: own.loc.start.column }
    : firstOf(
        node.members.map((member) => member.value),
        name,
      );
}

function firstOf(nodes: readonly ValueNode[], name: string): Position | undefined {
  for (const node of nodes) {
    const found = findKey(node, name);
    if (found) return found;
  }
  return undefined;
}

/** The text of a member's key. */
export function keyOf(
  name: { type: "String"; value: string } | { type: "Identifier"; name: string },
): string {
  return name.type === "String" ? name.value : name.name;
}

/**
 * Where the values at these paths stand: the key of an object member, the start of an array item. A path that is not
 * there gives its nearest container. Undefined where the text does not parse.
 */
export async function positionsOf(text: string, paths: readonly Path[]): Promise<(Position | undefined)[]> {
  const { parse } = await import("@humanwhocodes/momoa");
  let body: ValueNode;
  try {
    body = parse(text, { mode: "json5" }).body;
  } catch {
    return paths.map(() => undefined);
  }
  return paths.map((path) => locate(body, path));
}

function locate(body: ValueNode, path: Path): Position {
  let node = body;
  let place: Position = body.loc.start;
  for (const step of path) {
    const next = child(node, step);
    if (!next) break;
    node = next.node;
    place = next.place;
  }
  return { line: place.line, column: place.column };
}

function child(node: ValueNode, step: string | number): { node: ValueNode; place: Position } | undefined {
  if (node.type === "Array" && typeof step === "number") {
    const element = node.elements[step];
    return element && { node: element.value, place: element.value.loc.start };
  }
  if (node.type !== "Object") return undefined;
  // Of two members with one key the later one counts, as for the parser.
  const member = node.members.findLast((one) => keyOf(one.name) === step);
  return member && { node: member.value, place: member.name.loc.start };
}
