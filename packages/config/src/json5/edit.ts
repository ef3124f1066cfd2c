import type { Json } from "@carapace/protocol";
import { type MemberNode, parse, type Token, type ValueNode } from "@humanwhocodes/momoa";
import { keyOf, type Path } from "./locate.ts";

/**
 * One change of a text: a value set, or a key or an entry removed. A numeric step is an entry of a list that is there,
 * or, at the end of a path, the place behind the last one.
 */
export type Edit =
  | { readonly path: Path; readonly value: Json }
  | { readonly path: Path; readonly remove: true };

interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A parsed text and its tokens, comments among them. */
interface Source {
  readonly text: string;
  readonly body: ValueNode;
  readonly tokens: readonly Token[];
}

/**
 * Applies edits one after the other, leaving comments and layout alone elsewhere. Objects that are missing on the way
 * are made; a scalar on the way is replaced. @throws the parser's error if the text is not JSON5 to it, and an error if
 * a comment stands inside a value that is replaced
 */
export function editJson5(text: string, edits: readonly Edit[]): string {
  return edits.reduce(applyEdit, text);
}

function applyEdit(text: string, edit: Edit): string {
  const splices = splicesFor(sourceOf(text), edit);
  const changed = applySplices(text, splices);
  // A key may stand there twice: then each goes.
  const isKey = typeof edit.path.at(-1) === "string";
  return "remove" in edit && isKey && splices.length > 0 ? applyEdit(changed, edit) : changed;
}

function sourceOf(text: string): Source {
  const { body, tokens = [] } = parse(text, { mode: "json5", ranges: true, tokens: true });
  return { text, body, tokens };
}

function applySplices(text: string, splices: readonly Splice[]): string {
  const fromTheEnd = [...splices].sort((a, b) => b.from - a.from);
  return fromTheEnd.reduce(
    (all, { from, to, text: part }) => all.slice(0, from) + part + all.slice(to),
    text,
  );
}

function splicesFor(source: Source, edit: Edit): Splice[] {
  let node = source.body;
  for (const [index, step] of edit.path.entries()) {
    const rest = edit.path.slice(index + 1);
    if (node.type === "Array") {
      const items = node.elements.map((element) => element.value);
      const isBehind = step === items.length && rest.length === 0;
      if (isBehind && "value" in edit) return insertion(source, { node, items }, { value: edit.value });
      const entry = typeof step === "number" ? items[step] : undefined;
      if (!entry) throw new RangeError(`the list has no entry ${step}`);
      if ("remove" in edit && rest.length === 0) return removal(source, items, entry);
      if ("value" in edit && replacesHere(entry, rest))
        return [replacement(source, entry, nested(rest, edit.value))];
      node = entry;
      continue;
    }
    if (node.type !== "Object") break;
    const name = String(step);
    const member = node.members.findLast((one) => keyOf(one.name) === name);
    if ("remove" in edit) {
      if (!member) return [];
      if (rest.length === 0) return removal(source, node.members, member);
    } else if (!member) {
      const entry = { name, value: nested(rest, edit.value) };
      return insertion(source, { node, items: node.members, last: node.members.at(-1) }, entry);
    } else if (replacesHere(member.value, rest)) {
      return [replacement(source, member.value, nested(rest, edit.value))];
    }
    node = member.value;
  }
  if ("remove" in edit) return [];
  return [replacement(source, source.body, nested(edit.path, edit.value))];
}

/** Whether a value ends the way: it is the last step, or nothing that has the next one. */
function replacesHere(node: ValueNode, [next]: Path): boolean {
  if (next === undefined) return true;
  return typeof next === "number" ? node.type !== "Array" : node.type !== "Object";
}

function replacement(source: Source, node: ValueNode, value: Json): Splice {
  const [from, to] = rangeOf(node);
  const hasComment = source.tokens.some((token) => {
    const [start] = rangeOf(token);
    return start > from && start < to && token.type.endsWith("Comment");
  });
  if (hasComment) throw new Error("a comment stands inside the value");
  return { from, to, text: printed(value, lineIndent(source.text, from)) };
}

function nested(path: Path, value: Json): Json {
  return path.reduceRight<Json>((inner, step) => ({ [step]: inner }), value);
}

function printed(value: Json, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll("\n", `\n${indent}`);
}

function rangeOf(node: Ranged): [number, number] {
  const [from = 0, to = 0] = node.range ?? [];
  return [from, to];
}

/** The blanks a line begins with. */
function lineIndent(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? "";
}

/** Something with a place in the text. */
interface Ranged {
  readonly range?: readonly number[];
}

/** An object or a list, what is in it, and a member of the object to take the spelling of keys from. */
interface Container {
  readonly node: Ranged;
  readonly items: readonly Ranged[];
  readonly last?: MemberNode | undefined;
}

/** What goes in; in a list it has no name. */
interface Entry {
  readonly name?: string;
  readonly value: Json;
}

function insertion(source: Source, container: Container, entry: Entry): Splice[] {
  const { text } = source;
  const { node, items } = container;
  const [from, to] = rangeOf(node);
  const outer = lineIndent(text, from);
  const [first] = items;
  const last = items.at(-1);
  if (!first || !last) return intoEmpty({ text, from, to, outer }, entry);
  const [firstFrom] = rangeOf(first);
  const [, lastTo] = rangeOf(last);
  const severalLines = text.slice(from, firstFrom).includes("\n");
  const indent = severalLines ? lineIndent(text, firstFrom) : outer;
  const line = `${keyText(entry.name, container.last)}${printed(entry.value, indent)}`;
  const comma = tokenAfter(source, lastTo, to);
  if (!severalLines) {
    if (comma) return [{ from: comma.to, to: comma.to, text: ` ${line},` }];
    return [{ from: lastTo, to: lastTo, text: `, ${line}` }];
  }
  const end = endOfLine(source, comma?.to ?? lastTo);
  if (comma) return [{ from: end, to: end, text: `\n${indent}${line},` }];
  const added = { from: end, to: end, text: `\n${indent}${line}` };
  // The comma goes right behind the value, before a comment on the same line.
  if (end === lastTo) return [{ ...added, text: `,${added.text}` }];
  return [{ from: lastTo, to: lastTo, text: "," }, added];
}

function intoEmpty(
  { text, from, to, outer }: { text: string; from: number; to: number; outer: string },
  { name, value }: Entry,
): Splice[] {
  const indent = `${outer}  `;
  const line = `${indent}${keyText(name, undefined)}${printed(value, indent)}\n`;
  const inside = text.slice(from + 1, to - 1);
  const lineStart = text.lastIndexOf("\n", to - 1) + 1;
  const closesAlone = lineStart > from && text.slice(lineStart, to - 1).trim() === "";
  if (closesAlone) return [{ from: lineStart, to: lineStart, text: line }];
  const kept = inside.trim() === "" ? "" : ` ${inside.trim()}`;
  return [{ from: from + 1, to: to - 1, text: `${kept}\n${line}${outer}` }];
}

/** The key and its colon: quoted unless the neighbours are not and the name allows it. Nothing for a list's entry. */
function keyText(name: string | undefined, neighbour: MemberNode | undefined): string {
  if (name === undefined) return "";
  const bare =
    neighbour?.name.type === "Identifier" && /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) && !reserved.has(name);
  return `${bare ? name : JSON.stringify(name)}: `;
}

/** Names that the parser with positions does not take unquoted. */
const reserved = new Set(["null", "true", "false", "Infinity", "NaN"]);

/** The comma behind a member, if there is one before the object ends. */
function tokenAfter(source: Source, offset: number, limit: number): { from: number; to: number } | undefined {
  const next = source.tokens.find((token) => {
    const [from] = rangeOf(token);
    return from >= offset && from < limit && !token.type.endsWith("Comment");
  });
  if (next?.type !== "Comma") return undefined;
  const [from, to] = rangeOf(next);
  return { from, to };
}

/** After the comments that end this line, or `offset` itself if something else follows on it. */
function endOfLine(source: Source, offset: number): number {
  const newline = source.text.indexOf("\n", offset);
  const lineEnd = newline < 0 ? source.text.length : newline;
  let end = offset;
  for (const token of source.tokens) {
    const [from, to] = rangeOf(token);
    if (from < offset) continue;
    if (from >= lineEnd || to > lineEnd || !token.type.endsWith("Comment")) break;
    end = to;
  }
  return end;
}

/** A member or an entry goes with its comma, the comment at the end of its line and, if nothing is left on it, the line. */
function removal<T extends Ranged>(source: Source, items: readonly T[], item: T): Splice[] {
  const { text } = source;
  const [from, to] = rangeOf(item);
  const comma = tokenAfter(source, to, text.length);
  const end = endOfLine(source, comma?.to ?? to);
  const lineStart = text.lastIndexOf("\n", from - 1) + 1;
  const newline = text.indexOf("\n", end);
  const alone =
    text.slice(lineStart, from).trim() === "" && newline >= 0 && text.slice(end, newline).trim() === "";
  // The blanks before it too, unless they are the line's indent.
  const blanks = /[ \t]*$/.exec(text.slice(lineStart, from))?.[0].length ?? 0;
  const start = from - blanks > lineStart ? from - blanks : from;
  const own = { from: start, to: comma?.to ?? to, text: "" };
  const whole = alone && lineStart > 0 ? { from: lineStart, to: newline + 1, text: "" } : own;
  const previous = items[items.indexOf(item) - 1];
  if (comma || !previous) return [whole];
  // The last member without a comma behind it: the one before must not keep a comma that plain JSON forbids.
  const before = tokenAfter(source, rangeOf(previous)[1], from);
  return before ? [whole, { ...before, text: "" }] : [whole];
}
